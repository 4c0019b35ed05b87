/** What is said of a job: state, time left, time taken, how much is done. */
import { count, gettext, interpolate, ngettext } from "../lib/text.js";

/** @typedef {import("./job_list.js").Job} Job */
/** @typedef {import("./job_list.js").Group} Group */

/**
 * @param {Job} job
 * @returns {{word: string, icon: string, tone: string}}
 */
export function stateWords(job) {
  switch (job.state) {
    case "running":
      if (job.cancel_requested) return { word: gettext("Stopping"), icon: "stop", tone: "t2" };
      return { word: gettext("Running"), icon: "half", tone: "acc" };
    case "queued":
      return { word: gettext("Queued"), icon: "ring", tone: "t3" };
    case "waiting":
      return { word: gettext("Waiting"), icon: "clock", tone: "warn" };
    case "failed":
      return { word: gettext("Failed"), icon: "warn", tone: "bad" };
    case "cancelled":
      return { word: gettext("Stopped"), icon: "stop", tone: "t3" };
    case "done":
      return { word: gettext("Done"), icon: "check", tone: "ok" };
  }
}

/** @param {Group} group */
export function groupWords(group) {
  switch (group) {
    case "attention":
      return gettext("Needs you");
    case "running":
      return gettext("Running");
    case "queued":
      return gettext("Queued");
    case "today":
      return gettext("Finished today");
    case "earlier":
      return gettext("Finished earlier");
  }
}

/**
 * The kind of a job as a name: "ingest_footage" is "Ingest footage".
 * @param {string} kind
 */
export function kindWords(kind) {
  const words = kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {Pick<Job, "done" | "total">} job
 * @returns {string} "312 / 500", "312" while the total is unknown, "" before anything is known
 */
export function doneWords({ done, total }) {
  if (total !== null) return `${count(done)} / ${count(total)}`;
  return done ? count(done) : "";
}

/**
 * An estimate, no more exact than it is: 5 s, 1 min 25 s, about 6 min, about 2 h 50 min.
 * @param {number} seconds
 */
export function leftWords(seconds) {
  if (seconds < 20) return durationWords(Math.max(1, Math.round(seconds)));
  if (seconds < 300) return durationWords(Math.round(seconds / 5) * 5);
  const minutes = Math.round(seconds / 60);
  const rounded = minutes < 60 ? minutes : Math.round(minutes / 5) * 5;
  return interpolate(gettext("about %(time)s"), { time: durationWords(rounded * 60) });
}

/**
 * @param {number} seconds
 * @returns {string} under 1 s, 5 s, 1 min 05 s, 6 min, 2 h 05 min
 */
export function durationWords(seconds) {
  if (seconds < 1) return gettext("under 1 s");
  const whole = Math.round(seconds);
  if (whole < 60) return interpolate(gettext("%(s)s s"), { s: whole });
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) {
    const values = { h: count(Math.floor(minutes / 60)), min: twoDigits(minutes % 60) };
    return interpolate(gettext("%(h)s h %(min)s min"), values);
  }
  if (whole % 60 === 0) return interpolate(gettext("%(min)s min"), { min: minutes });
  return interpolate(gettext("%(min)s min %(s)s s"), { min: minutes, s: twoDigits(whole % 60) });
}

/**
 * What stands in the column "Time": left while it runs, taken when it has ended.
 * @param {Job} job
 */
export function timeWords(job) {
  if (job.state === "running") return job.seconds_left === null ? "" : leftWords(job.seconds_left);
  if (!job.finished_at || !job.started_at) return "";
  const seconds = (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000;
  return interpolate(gettext("took %(time)s"), { time: durationWords(Math.max(0, seconds)) });
}

/**
 * @param {string} moment ISO 8601
 * @param {Date} now
 * @returns {string} just now, 12 min ago, 3 h ago, or the date
 */
export function agoWords(moment, now) {
  const minutes = Math.floor((now.getTime() - Date.parse(moment)) / 60_000);
  if (minutes < 1) return gettext("just now");
  if (minutes < 60) return interpolate(gettext("%(n)s min ago"), { n: minutes });
  if (minutes < 24 * 60) return interpolate(gettext("%(n)s h ago"), { n: Math.floor(minutes / 60) });
  const language = globalThis.document?.documentElement.lang || "en";
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(moment));
}

/**
 * @param {{running: number, queued: number, attention: number}} counts
 * @returns {string} "3 running · 4 queued · 2 need you"
 */
export function summaryWords({ running, queued, attention }) {
  const parts = [];
  if (running) parts.push(interpolate(ngettext("%(n)s running", "%(n)s running", running), { n: count(running) }));
  if (queued) parts.push(interpolate(ngettext("%(n)s queued", "%(n)s queued", queued), { n: count(queued) }));
  if (attention) parts.push(interpolate(ngettext("%(n)s needs you", "%(n)s need you", attention), { n: count(attention) }));
  return parts.join(" · ") || gettext("nothing is running");
}

/** @param {number} bytes */
export function sizeWords(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  const digits = at === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[at]}`;
}

/** @param {number} n */
function twoDigits(n) {
  return String(n).padStart(2, "0");
}
