/** <mw-job-count project="slug">: how many run and how far they are; empty while there is nothing to say. */
import { count, interpolate, ngettext } from "../lib/text.js";
import { projectFeed } from "./project_feed.js";

/** @typedef {import("./job_list.js").Job} Job */

const RECENT_MS = 24 * 3600 * 1000;
const Base = globalThis.HTMLElement ?? class {};

/**
 * @param {Iterable<Job>} jobs
 * @param {Date} now
 * @returns {{running: number, queued: number, failed: number, share: number | null}} failed within
 *   a day; share of the running jobs that is done, null while unknown
 */
export function tally(jobs, now) {
  const sums = { running: 0, queued: 0, failed: 0 };
  /** @type {number[]} */
  const shares = [];
  for (const job of jobs) {
    if (job.state === "running") {
      sums.running += 1;
      if (job.total) shares.push(job.done / job.total);
    } else if (job.state === "queued") {
      sums.queued += 1;
    } else if (job.state === "failed" && now.getTime() - Date.parse(job.finished_at ?? "") < RECENT_MS) {
      sums.failed += 1;
    }
  }
  const share = shares.length ? shares.reduce((sum, each) => sum + each, 0) / shares.length : null;
  return { ...sums, share };
}

/** @param {{running: number, queued: number, failed: number}} sums */
export function tallyWords({ running, queued, failed }) {
  const parts = [];
  if (running) parts.push(interpolate(ngettext("%(n)s running", "%(n)s running", running), { n: count(running) }));
  else if (queued) parts.push(interpolate(ngettext("%(n)s queued", "%(n)s queued", queued), { n: count(queued) }));
  if (failed) parts.push(interpolate(ngettext("%(n)s failed", "%(n)s failed", failed), { n: count(failed) }));
  return parts.join(" · ");
}

class JobCount extends Base {
  /** @type {AbortController | null} */ #listening = null;

  connectedCallback() {
    this.#listening = new AbortController();
    const feed = projectFeed(this.getAttribute("project") ?? "");
    const show = () => this.#show(feed.list.all());
    feed.addEventListener("change", show, { signal: this.#listening.signal });
    show();
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /** @param {Job[]} jobs */
  #show(jobs) {
    const sums = tally(jobs, new Date());
    const words = document.createTextNode(tallyWords(sums));
    if (!sums.running) {
      this.replaceChildren(...(words.length ? [words] : []));
      return;
    }
    const bar = document.createElement("progress");
    bar.className = "prog";
    bar.max = 1;
    bar.value = sums.share ?? 0;
    bar.setAttribute("aria-hidden", "true");
    this.replaceChildren(bar, words);
  }
}

globalThis.customElements?.define("mw-job-count", JobCount);
