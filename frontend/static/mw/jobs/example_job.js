/** A job for tests. */

/** @typedef {import("./job_list.js").Job} Job */

/**
 * @param {Partial<Job>} facts
 * @returns {Job}
 */
export function job(facts = {}) {
  return {
    id: 1, seq: 1, kind: "ingest_footage", title: "camel.mp4", state: "queued", cancel_requested: false,
    step: "", done: 0, total: null, unit: "frames", rate: null, seconds_left: null, attempt: 0, error: "", hint: "",
    created_by: "anna", created_at: "2026-11-21T11:00:00Z", started_at: null, finished_at: null, ...facts,
  };
}
