/** The table of jobs: rows are made once and then changed in place, so nothing jumps. */
import { element, icon } from "../lib/build.js";
import { count, gettext, interpolate } from "../lib/text.js";
import { doneWords, groupWords, kindWords, stateWords, timeWords } from "./job_words.js";

/** @typedef {import("./job_list.js").Job} Job */
/** @typedef {import("./job_list.js").Grouped} Grouped */

/**
 * @typedef {object} Acts what a row can do
 * @property {(id: number) => void} choose
 * @property {(job: Job) => "stop" | "retry" | null} offer what the reader may do with the job
 * @property {(job: Job, act: "stop" | "retry") => void} run
 */

export class JobRows {
  #acts;
  #body;
  /** @type {Map<number, Row>} */ #rows = new Map();
  /** @type {Map<string, {head: HTMLTableRowElement, number: Text}>} */ #heads = new Map();

  /**
   * @param {HTMLTableSectionElement} body
   * @param {Acts} acts
   */
  constructor(body, acts) {
    this.#body = body;
    this.#acts = acts;
  }

  /**
   * @param {Grouped[]} groups
   * @param {number | null} chosen
   */
  show(groups, chosen) {
    /** @type {HTMLTableRowElement[]} */
    const wanted = [];
    const ids = groups.flatMap((group) => group.jobs.map((job) => job.id));
    const reachable = chosen !== null && ids.includes(chosen) ? chosen : ids[0];
    for (const group of groups) {
      wanted.push(this.#head(group));
      for (const job of group.jobs) {
        const row = this.#rows.get(job.id) ?? new Row(job.id);
        this.#rows.set(job.id, row);
        row.show(job, this.#acts, { chosen: job.id === chosen, reachable: job.id === reachable });
        wanted.push(row.line);
      }
    }
    for (const id of this.#rows.keys()) if (!ids.includes(id)) this.#rows.delete(id);
    arrange(this.#body, wanted);
  }

  /** Bring a row into view and focus it. @param {number} id */
  focus(id) {
    const line = this.#rows.get(id)?.line;
    line?.focus({ preventScroll: true });
    line?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Grouped} group */
  #head({ id, jobs }) {
    let known = this.#heads.get(id);
    if (!known) {
      const number = document.createTextNode("");
      const cell = element("th", { colspan: 6, scope: "rowgroup" }, `${groupWords(id)} `);
      cell.append(element("span", { class: "count" }, number));
      known = { head: element("tr", { class: "group" }, cell), number };
      this.#heads.set(id, known);
    }
    known.number.data = count(jobs.length);
    return known.head;
  }
}

class Row {
  #state = element("td", { class: "fit" });
  #title = element("b", { class: "clip" });
  #kind = element("span", { class: "t3 clip" });
  #bar = element("progress", { class: "prog", max: 1, value: 0 });
  #step = element("span", { class: "t11 t3 clip" });
  #done = element("td", { class: "num" });
  #time = element("td", { class: "num t2" });
  #note = element("span", { class: "clip" });
  #act = element("button", { class: "iconbtn s", type: "button" });
  #shown = "";
  /** @type {(() => void) | null} */ #run = null;

  /** @param {number} id */
  constructor(id) {
    const job = element("td", { class: "job" }, this.#title, this.#kind);
    const step = element("td", { class: "step" }, this.#bar, this.#step);
    const note = element("td", { class: "note" }, element("span", { class: "row" }, this.#note, this.#act));
    this.line = element("tr", { "data-job": id }, this.#state, job, step, this.#done, this.#time, note);
    this.#act.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#run?.();
    });
  }

  /**
   * @param {Job} job
   * @param {Acts} acts
   * @param {{chosen: boolean, reachable: boolean}} place
   */
  show(job, acts, { chosen, reachable }) {
    this.line.setAttribute("aria-selected", String(chosen));
    this.line.tabIndex = reachable ? 0 : -1;
    this.#showState(job);
    set(this.#title, job.title);
    set(this.#kind, `${kindWords(job.kind)}${job.created_by ? ` · ${job.created_by}` : ""}`);
    this.#bar.value = job.total ? job.done / job.total : job.state === "done" ? 1 : 0;
    this.#bar.className = `prog ${barTone(job)}`;
    this.#bar.setAttribute("aria-label", gettext("Progress"));
    set(this.#step, job.step);
    set(this.#done, doneWords(job));
    this.#done.title = job.unit;
    set(this.#time, timeWords(job) || "–");
    this.#showNote(job);
    this.#showAct(job, acts);
  }

  /** @param {Job} job */
  #showState(job) {
    const { word, icon: name, tone } = stateWords(job);
    if (this.#shown === name + word) return;
    this.#shown = name + word;
    this.#state.replaceChildren(element("span", { class: `state ${tone}` }, icon(name), word));
  }

  /** @param {Job} job */
  #showNote(job) {
    const attempt = job.attempt > 1 ? interpolate(gettext("attempt %(n)s"), { n: job.attempt }) : "";
    const text = job.state === "failed" || job.state === "waiting" ? job.error : attempt;
    set(this.#note, text);
    this.#note.title = text;
    this.#note.className = `clip grow ${{ failed: "bad", waiting: "warn" }[/** @type {"failed"} */ (job.state)] ?? "t3"}`;
  }

  /**
   * @param {Job} job
   * @param {Acts} acts
   */
  #showAct(job, acts) {
    const offer = acts.offer(job);
    this.#run = offer && (() => acts.run(job, offer));
    const words = offer === "stop" ? gettext("Stop") : job.state === "cancelled" ? gettext("Resume") : gettext("Retry");
    this.#act.classList.toggle("off", offer === null);
    this.#act.disabled = offer === null;
    if (offer === null || this.#act.title === words) return;
    this.#act.title = words;
    this.#act.setAttribute("aria-label", `${words}: ${job.title}`);
    this.#act.replaceChildren(icon(offer === "stop" ? "close" : "retry"));
  }
}

/**
 * @param {HTMLElement} shown
 * @param {string} text
 */
function set(shown, text) {
  if (shown.textContent !== text) shown.textContent = text;
}

/** @param {Job} job */
function barTone(job) {
  if (job.state === "failed") return "bad";
  return job.state === "done" || job.state === "cancelled" ? "done" : "";
}

/**
 * Bring the children of `parent` into the wanted order, moving as few as possible: a row that is
 * moved loses focus and hover.
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} wanted
 */
function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) {
    if (!keep.has(/** @type {HTMLElement} */ (child))) child.remove();
  }
  let at = parent.firstElementChild;
  for (const child of wanted) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
}
