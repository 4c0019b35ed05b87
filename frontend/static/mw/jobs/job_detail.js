/** The panel beside the table: why, what to do, steps, log. */
import { element, icon } from "../lib/build.js";
import { count, gettext, interpolate } from "../lib/text.js";
import { agoWords, doneWords, durationWords, kindWords, stateWords } from "./job_words.js";

/** @typedef {import("./job_list.js").Job} Job */
/** @typedef {{name: string, done: number, total: number | null, unit: string, seconds: number}} Step */
/** @typedef {{at: string, step: string, text: string}} LogLine */
/** @typedef {Job & {params: object, steps: Step[], log: LogLine[], traceback: string}} Detail */
/** @typedef {{act: "stop" | "retry" | null, refusal: string}} Offer */

const LINES_FOLDED = 8;

/**
 * @param {Detail} job
 * @param {{offer: Offer, unfolded: boolean, now: Date}} view
 * @returns {DocumentFragment} buttons carry data-act: close, stop, retry, copy, unfold
 */
export function detailPanel(job, { offer, unfolded, now }) {
  const panel = document.createDocumentFragment();
  panel.append(head(job, now));
  if (job.error) panel.append(section(gettext("What happened"), element("p", { class: "say" }, job.error)));
  panel.append(whatToDo(job, offer));
  if (job.steps.length) panel.append(steps(job));
  if (job.log.length) panel.append(log(job, unfolded));
  if (job.traceback) panel.append(trace(job.traceback));
  return panel;
}

/**
 * The log as text, for the clipboard.
 * @param {LogLine[]} lines
 */
export function logText(lines) {
  return lines.map((line) => `${line.at}  ${line.step}  ${line.text}`).join("\n");
}

/**
 * @param {Detail} job
 * @param {Date} now
 */
function head(job, now) {
  const { word, icon: name, tone } = stateWords(job);
  const state = element("span", { class: `state ${tone}` }, icon(name), word);
  const when = agoWords(job.finished_at ?? job.started_at ?? job.created_at, now);
  const facts = job.attempt ? `${interpolate(gettext("attempt %(n)s"), { n: job.attempt })} · ${when}` : when;
  const close = element("button", { class: "iconbtn s", type: "button", "data-act": "close", "aria-label": gettext("Close") });
  close.append(icon("close"));
  const line = element("div", { class: "row" }, state, element("span", { class: "t12 t3" }, facts), element("span", { class: "grow" }), close);
  const by = job.created_by ? ` · ${interpolate(gettext("started by %(name)s"), { name: job.created_by })}` : "";
  const origin = element("p", { class: "t12 t2" }, `${kindWords(job.kind)}${by}`);
  return element("div", { class: "sec" }, line, element("h2", {}, job.title), origin);
}

/**
 * @param {Detail} job
 * @param {Offer} offer
 */
function whatToDo(job, { act, refusal }) {
  const parts = [];
  if (job.hint) parts.push(element("p", { class: "say" }, job.hint));
  const place = job.done && job.total ? interpolate(gettext("It stopped at %(done)s of %(total)s %(unit)s."), placeValues(job)) : "";
  if ((job.state === "failed" || job.state === "cancelled") && place) parts.push(element("p", { class: "say t2" }, place));
  const line = element("div", { class: "row acts" });
  if (act === "retry") {
    const words = job.state === "cancelled" ? gettext("Resume") : gettext("Retry");
    line.append(element("button", { class: "btn primary", type: "button", "data-act": "retry" }, icon("retry"), words));
  } else if (act === "stop") {
    line.append(element("button", { class: "btn danger", type: "button", "data-act": "stop" }, icon("stop"), gettext("Stop job")));
  } else if (refusal) {
    line.append(element("span", { class: "help" }, refusal));
  }
  if (line.childNodes.length) parts.push(line);
  if (!parts.length) return "";
  return job.error || job.hint ? section(gettext("What to do"), ...parts) : element("div", { class: "sec" }, ...parts);
}

/** @param {Detail} job */
function placeValues(job) {
  return { done: count(job.done), total: count(job.total ?? 0), unit: job.unit };
}

/** @param {Detail} job */
function steps(job) {
  const list = element("ol", { class: "steps" });
  for (const stored of job.steps) {
    // The count of the step at hand is newer in the job itself.
    const step = stored.name === job.step ? { ...stored, done: job.done, total: job.total } : stored;
    const { name, tone } = stepMark(job, step);
    const mark = icon(name);
    mark.classList.add(tone);
    const done = element("span", { class: "num" }, doneWords(step));
    const time = element("span", { class: "num" }, step.seconds ? durationWords(step.seconds) : "");
    list.append(element("li", {}, mark, element("span", { class: "clip", title: step.name }, step.name), done, time));
  }
  const all = job.steps.reduce((sum, step) => sum + step.seconds, 0);
  const made = section(gettext("Steps"), list);
  if (job.finished_at && all) {
    const note = interpolate(gettext("%(time)s in all"), { time: durationWords(all) });
    made.firstElementChild?.append(element("span", { class: "t11 t3" }, note));
  }
  return made;
}

/**
 * @param {Detail} job
 * @param {Step} step
 */
function stepMark(job, step) {
  if (step.name !== job.step || job.state === "done") return { name: "check", tone: "ok" };
  if (job.state === "failed") return { name: "warn", tone: "bad" };
  if (job.state === "running") return { name: "half", tone: "acc" };
  return { name: "ring", tone: "t3" };
}

/**
 * @param {Detail} job
 * @param {boolean} unfolded
 */
function log({ log: lines, error }, unfolded) {
  const shown = unfolded ? lines : lines.slice(-LINES_FOLDED);
  const text = element("pre", { class: "log", tabindex: 0 });
  for (const line of shown) {
    const time = new Date(line.at).toLocaleTimeString("en-GB");
    const words = `  ${line.step ? `${line.step}  ` : ""}${line.text}\n`;
    text.append(element("b", {}, time), line.text === error ? element("em", {}, words) : words);
  }
  const copy = element("button", { class: "btn s quiet", type: "button", "data-act": "copy" }, icon("copy"), gettext("Copy"));
  const buttons = element("span", { class: "row gap-1" }, copy);
  if (lines.length > LINES_FOLDED) {
    const words = unfolded ? gettext("Last lines") : gettext("Full log");
    buttons.append(element("button", { class: "btn s quiet", type: "button", "data-act": "unfold" }, words));
  }
  const made = section(gettext("Log"), text);
  made.firstElementChild?.append(buttons);
  return made;
}

/** @param {string} traceback */
function trace(traceback) {
  const summary = element("summary", {}, gettext("Details for whoever looks after this server"));
  const details = element("details", {}, summary, element("pre", { class: "log", tabindex: 0 }, traceback));
  return element("div", { class: "sec" }, details);
}

/**
 * @param {string} title
 * @param {...(Node | string)} children
 */
function section(title, ...children) {
  const heading = element("div", { class: "sec-h" }, element("h3", {}, title));
  return element("div", { class: "sec" }, heading, ...children);
}
