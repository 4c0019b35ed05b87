/** What a reader may do with a job, and why not; the server decides again. */
import { gettext } from "../lib/text.js";
import { isLive } from "./job_list.js";

/** @typedef {import("./job_list.js").Job} Job */

/**
 * @param {Job} job
 * @param {{user: string, steers: string}} reader `steers`: whose jobs they may stop and start
 * @returns {{act: "stop" | "retry" | null, refusal: string}}
 */
export function offerFor(job, { user, steers }) {
  if (job.state === "done" || (isLive(job) && job.cancel_requested)) return { act: null, refusal: "" };
  if (steers === "all" || (steers === "own" && job.created_by === user)) {
    return { act: isLive(job) ? "stop" : "retry", refusal: "" };
  }
  const refusal =
    steers === "own"
      ? gettext("Only a lead can stop or start the jobs of others.")
      : gettext("Only annotators and above can stop and start jobs.");
  return { act: null, refusal };
}
