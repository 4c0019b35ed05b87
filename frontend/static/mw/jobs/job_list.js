/** The jobs that a page knows: newest facts win, grouped as people look for them. */

/**
 * @typedef {object} Job facts as the API and the socket tell them; times are ISO 8601
 * @property {number} id
 * @property {number} seq number of its last change
 * @property {string} kind
 * @property {string} title
 * @property {"queued" | "waiting" | "running" | "done" | "failed" | "cancelled"} state
 * @property {boolean} cancel_requested
 * @property {string} step
 * @property {number} done
 * @property {number | null} total
 * @property {string} unit
 * @property {number | null} rate
 * @property {number | null} seconds_left
 * @property {number} attempt
 * @property {string} error
 * @property {string} hint
 * @property {string} created_by
 * @property {string} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 */

/**
 * @typedef {object} Snapshot
 * @property {number} seq
 * @property {Job[]} jobs
 * @property {number} slots jobs that the living workers run at once
 * @property {number} disk_free bytes
 * @property {number} disk_total bytes
 * @property {number} disk_reserve bytes
 */

/** @typedef {"attention" | "running" | "queued" | "today" | "earlier"} Group */
/** @typedef {{id: Group, jobs: Job[]}} Grouped */

/** @type {readonly Group[]} */
const ORDER = ["attention", "running", "queued", "today", "earlier"];

export class JobList {
  /** @type {Map<number, Job>} */ #jobs = new Map();
  /** Everything up to this number is known. */
  seq = 0;

  /** @returns {number} */
  get size() {
    return this.#jobs.size;
  }

  /** @param {number} id */
  get(id) {
    return this.#jobs.get(id);
  }

  /** @returns {Job[]} */
  all() {
    return [...this.#jobs.values()];
  }

  /**
   * Take in one change; what is older than what is known changes nothing.
   * @param {Job} job
   * @returns {boolean} whether anything changed
   */
  apply(job) {
    const known = this.#jobs.get(job.id);
    if (known && known.seq >= job.seq) return false;
    this.#jobs.set(job.id, job);
    this.seq = Math.max(this.seq, job.seq);
    return true;
  }

  /**
   * Take in a snapshot. A whole one replaces what is known, one since a number adds to it.
   * @param {Pick<Snapshot, "seq" | "jobs">} snapshot
   * @param {{whole?: boolean}} [how]
   */
  merge(snapshot, { whole = false } = {}) {
    if (whole) {
      this.#jobs = new Map(snapshot.jobs.map((job) => [job.id, job]));
      this.seq = snapshot.seq;
      return;
    }
    for (const job of snapshot.jobs) this.apply(job);
    this.seq = Math.max(this.seq, snapshot.seq);
  }
}

/**
 * @param {Job} job
 * @param {Date} now
 * @returns {Group}
 */
export function groupOf(job, now) {
  if (job.state === "failed" || job.state === "waiting") return "attention";
  if (job.state === "running") return "running";
  if (job.state === "queued") return "queued";
  return sameDay(new Date(job.finished_at ?? job.created_at), now) ? "today" : "earlier";
}

/**
 * The groups that have jobs, in the order of the page. The queue stands oldest first, all
 * others newest first.
 * @param {Iterable<Job>} jobs
 * @param {Date} now
 * @returns {Grouped[]}
 */
export function grouped(jobs, now) {
  /** @type {Map<Group, Job[]>} */
  const groups = new Map(ORDER.map((id) => [id, []]));
  for (const job of jobs) groups.get(groupOf(job, now))?.push(job);
  for (const [id, members] of groups) {
    members.sort((a, b) => (id === "queued" ? a.id - b.id : key(b) - key(a) || b.id - a.id));
  }
  return ORDER.map((id) => ({ id, jobs: groups.get(id) ?? [] })).filter((group) => group.jobs.length);
}

/**
 * @param {Job} job
 * @returns {boolean} whether it has not ended
 */
export function isLive(job) {
  return job.state === "queued" || job.state === "waiting" || job.state === "running";
}

/** @param {Job} job */
function key(job) {
  return Date.parse((isLive(job) ? null : job.finished_at) ?? job.created_at);
}

/**
 * @param {Date} a
 * @param {Date} b
 */
function sameDay(a, b) {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}
