/**
 * <mw-jobs project="slug" user="name" steers="all|own|none" library="URL of the Library">
 *   <script type="application/json"> a snapshot, so that the page is complete at once </script>
 * </mw-jobs>
 * The chosen job stands in the address as #job-12.
 */
import { ApiError, request } from "../lib/api.js";
import { element, icon } from "../lib/build.js";
import { gettext } from "../lib/text.js";
import { showToast } from "../toast/toast.js";
import { detailPanel, logText } from "./job_detail.js";
import { grouped, isLive } from "./job_list.js";
import { JobRows } from "./job_rows.js";
import { summaryWords } from "./job_words.js";
import { placeLine } from "./job_place.js";
import { offerFor } from "./offers.js";
import { projectFeed } from "./project_feed.js";

/** @typedef {import("./job_list.js").Job} Job */
/** @typedef {import("./job_feed.js").JobFeed} JobFeed */
/** @typedef {import("./job_detail.js").Detail} Detail */

const DETAILS_APART_MS = 1000;
const CLOCK_MS = 30_000;

class Jobs extends HTMLElement {
  /** @type {JobFeed} */ #feed = projectFeed(this.getAttribute("project") ?? "");
  #reader = { user: this.getAttribute("user") ?? "", steers: this.getAttribute("steers") ?? "none" };
  #summary = element("span", { class: "t12 t3", role: "status" });
  #place = element("div", { class: "job-place" });
  #notice = element("div", { class: "notice warn", role: "status", hidden: true });
  #body = element("tbody");
  #table = this.#makeTable();
  #emptyTitle = element("h2");
  #empty = this.#makeEmpty();
  #side = element("aside", { class: "side job-detail", "aria-label": gettext("The chosen job"), hidden: true });
  #rows = new JobRows(this.#body, {
    choose: (id) => this.#choose(id),
    offer: (job) => offerFor(job, this.#reader).act,
    run: (job, act) => void this.#run(job, act),
  });
  #mine = false;
  /** @type {number | null} */ #chosen = null;
  /** @type {Detail | null} */ #detail = null;
  #unfolded = false;
  #detailAt = 0;
  #scheduled = 0;
  #life = new AbortController();

  connectedCallback() {
    const { signal } = this.#life;
    this.#seed();
    this.classList.add("app", "with-side", "wide", "built");
    const list = element("section", { class: "page job-page", "aria-label": gettext("Jobs") }, this.#makeHead(), this.#notice, this.#place, this.#table, this.#empty);
    this.replaceChildren(list, this.#side);
    this.#feed.addEventListener("change", () => this.#schedule(), { signal });
    this.#body.addEventListener("click", (event) => this.#onClick(event), { signal });
    this.#body.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    this.#side.addEventListener("click", (event) => this.#onAct(event), { signal });
    window.addEventListener("hashchange", () => this.#fromAddress(), { signal });
    const clock = setInterval(() => this.#schedule(), CLOCK_MS);
    signal.addEventListener("abort", () => clearInterval(clock));
    this.#fromAddress();
    this.#show();
  }

  disconnectedCallback() {
    this.#life.abort();
    cancelAnimationFrame(this.#scheduled);
  }

  #seed() {
    this.#feed.ended = 200;
    const data = this.querySelector('script[type="application/json"]');
    if (data?.textContent) this.#feed.seed(JSON.parse(data.textContent));
  }

  #makeHead() {
    const everything = element("button", { type: "button", "aria-pressed": "true" }, gettext("Everything"));
    const mine = element("button", { type: "button", "aria-pressed": "false" }, gettext("Mine"));
    const choose = (/** @type {boolean} */ only) => {
      this.#mine = only;
      mine.setAttribute("aria-pressed", String(only));
      everything.setAttribute("aria-pressed", String(!only));
      this.#show();
    };
    everything.addEventListener("click", () => choose(false));
    mine.addEventListener("click", () => choose(true));
    const filter = element("div", { class: "seg", role: "group", "aria-label": gettext("Whose jobs") }, everything, mine);
    return element("header", { class: "page-head" }, element("h1", {}, gettext("Jobs")), this.#summary, element("span", { class: "grow" }), filter);
  }

  #makeTable() {
    const names = [gettext("State"), gettext("Job"), gettext("Step"), gettext("Done"), gettext("Time"), gettext("Note")];
    const head = element("tr", {}, ...names.map((name, at) => element("th", { scope: "col", class: at === 3 || at === 4 ? "num" : null }, name)));
    const table = element("table", { class: "two-line sticky jobs", role: "grid", "aria-label": gettext("Jobs") }, element("thead", {}, head), this.#body);
    return element("div", { class: "table-wrap job-table" }, table);
  }

  #makeEmpty() {
    const library = this.getAttribute("library");
    const text = element("p", {}, gettext("Everything that takes longer than a moment stands here: ingesting a video, synthesizing samples, freezing a bundle."));
    const next = library ? [element("div", { class: "row" }, element("a", { class: "btn primary", href: library }, gettext("Open the Library")))] : [];
    return element("div", { class: "empty" }, icon("clock"), this.#emptyTitle, text, ...next);
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.#show();
    });
  }

  #show() {
    const now = new Date();
    const all = this.#feed.list.all();
    const jobs = this.#mine ? all.filter((job) => job.created_by === this.#reader.user) : all;
    const groups = grouped(jobs, now);
    const size = (/** @type {string} */ id) => groups.find((group) => group.id === id)?.jobs.length ?? 0;
    this.#summary.textContent = summaryWords({ running: size("running"), queued: size("queued"), attention: size("attention") });
    this.#rows.show(groups, this.#chosen);
    this.#table.hidden = jobs.length === 0;
    this.#empty.hidden = jobs.length > 0;
    this.#emptyTitle.textContent = all.length ? gettext("You have not started anything yet") : gettext("Nothing has run yet");
    this.#showPlace(all.filter(isLive));
    this.#followDetail();
  }

  /** @param {Job[]} waiting */
  #showPlace(waiting) {
    const { place, live } = this.#feed;
    const running = waiting.filter((job) => job.state === "running").length;
    this.#place.replaceChildren(...(place ? placeLine(place, running) : []));
    let problem = "";
    if (!live) problem = gettext("The server does not answer; what you see may be old. It is tried again by itself.");
    else if (place?.slots === 0 && waiting.length) problem = gettext("No workers are running, so queued jobs wait. Start them with “make run”, or with “python manage.py work”.");
    this.#notice.hidden = !problem;
    if (problem && this.#notice.textContent !== problem) this.#notice.replaceChildren(icon("warn"), element("span", { class: "grow" }, problem));
  }

  /** @param {number | null} id */
  #choose(id) {
    const address = id === null ? location.pathname + location.search : `#job-${id}`;
    history.replaceState(null, "", address);
    this.#fromAddress();
  }

  #fromAddress() {
    const named = /^#job-(\d+)$/.exec(location.hash);
    const chosen = named ? Number(named[1]) : null;
    if (chosen !== this.#chosen) {
      this.#detail = null;
      this.#unfolded = false;
      this.#detailAt = 0;
    }
    this.#chosen = chosen;
    this.#side.hidden = true;
    this.#show();
  }

  /** Read the chosen job again when it has changed, at most once a second. */
  #followDetail() {
    const job = this.#chosen === null ? undefined : this.#feed.list.get(this.#chosen);
    if (!job) return;
    if (this.#detail && this.#detail.seq >= job.seq) this.#showDetail();
    else if (Date.now() - this.#detailAt >= DETAILS_APART_MS) void this.#readDetail(job.id);
    else setTimeout(() => this.#schedule(), DETAILS_APART_MS);
  }

  /** @param {number} id */
  async #readDetail(id) {
    this.#detailAt = Date.now();
    try {
      const detail = await request(this.#address(id), { signal: this.#life.signal });
      if (id !== this.#chosen) return;
      this.#detail = detail;
      this.#showDetail();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.#choose(null);
      else if (!(error instanceof ApiError)) throw error;
    }
  }

  #showDetail() {
    if (!this.#detail) return;
    const within = this.#side.contains(document.activeElement) ? document.activeElement?.getAttribute("data-act") : null;
    const offer = offerFor(this.#detail, this.#reader);
    this.#side.replaceChildren(detailPanel(this.#detail, { offer, unfolded: this.#unfolded, now: new Date() }));
    this.#side.hidden = false;
    if (within) /** @type {HTMLElement | null} */ (this.#side.querySelector(`[data-act="${within}"]`))?.focus();
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const line = event.target instanceof Element ? event.target.closest("tr[data-job]") : null;
    if (line) this.#choose(Number(line.getAttribute("data-job")));
  }

  /** A row is one tab stop: arrows move, Enter opens. @param {KeyboardEvent} event */
  #onKey(event) {
    const line = event.target instanceof HTMLTableRowElement ? event.target : null;
    if (!line) return;
    const lines = [.../** @type {NodeListOf<HTMLElement>} */ (this.#body.querySelectorAll("tr[data-job]"))];
    const at = lines.indexOf(line);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (event.key === "Enter") this.#choose(Number(line.getAttribute("data-job")));
    else if (next === undefined) return;
    else lines[Math.max(0, Math.min(lines.length - 1, next))]?.focus();
    event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #onAct(event) {
    const act = event.target instanceof Element ? event.target.closest("[data-act]")?.getAttribute("data-act") : null;
    const job = this.#detail;
    if (!act || !job) return;
    if (act === "close") {
      this.#choose(null);
      this.#rows.focus(job.id);
    } else if (act === "unfold") {
      this.#unfolded = !this.#unfolded;
      this.#showDetail();
    } else if (act === "copy") {
      void navigator.clipboard.writeText(logText(job.log)).then(() => showToast({ text: gettext("The log is in the clipboard.") }));
    } else if (act === "stop" || act === "retry") {
      void this.#run(job, act);
    }
  }

  /**
   * @param {Job} job
   * @param {"stop" | "retry"} act
   */
  async #run(job, act) {
    try {
      this.#feed.tell(await request(`${this.#address(job.id)}/${act === "stop" ? "cancel" : "retry"}`, { method: "POST" }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showToast({ text: `${error.message} ${error.hint}`.trim(), tone: "bad" });
      void this.#feed.refresh();
    }
  }

  /** @param {number} id */
  #address(id) {
    return `/api/projects/${this.getAttribute("project")}/jobs/${id}`;
  }
}

customElements.define("mw-jobs", Jobs);
