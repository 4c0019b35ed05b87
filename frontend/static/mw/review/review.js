/** The Review page: wires queue, player, verdict bar and keys. */
import { ApiError, request } from "../lib/api.js";
import { element } from "../lib/build.js";
import { gettext } from "../lib/text.js";
import { keyboard } from "../keyboard/keyboard.js";
import { preloadSamples } from "../player/preload.js";
import { ReviewQueue } from "./queue.js";

const AHEAD = 2;
const TICK_MS = 100;

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

class Review {
  #queue = new ReviewQueue(JSON.parse(byId("review-queue").textContent ?? "[]"));
  #player = /** @type {HTMLElement & {frame: number, ready?: Promise<unknown>}} */ (byId("player"));
  /** @type {Set<string>} */ #reasons = new Set();
  #comment = { text: "", first: "", last: "" };
  #decided = Number(byId("decided").textContent);
  #since = performance.now();
  #busy = false;
  #mayJudge = byId("review").dataset.mayJudge === "yes";
  #undoAddress = byId("review").dataset.undo ?? "";

  start() {
    if (this.#mayJudge) keyboard.add(this.#actions());
    byId("queue").addEventListener("click", (event) => this.#onPick(event));
    for (const select of document.querySelectorAll("[data-submits]")) {
      select.addEventListener("change", () => /** @type {HTMLSelectElement} */ (select).form?.submit());
    }
    const dialog = /** @type {HTMLDialogElement} */ (byId("comment"));
    dialog.addEventListener("close", () => this.#onComment(dialog));
    setInterval(() => this.#tick(), TICK_MS);
    this.#show();
  }

  #actions() {
    const group = gettext("Verdict");
    const when = () => this.#queue.current !== undefined && !this.#busy;
    const reasons = [...document.querySelectorAll("[data-action^='review.reason.']")].map((button, index) => {
      const reason = /** @type {HTMLElement} */ (button).dataset.action?.split(".")[2] ?? "";
      return {
        id: `review.reason.${reason}`,
        label: button.textContent?.trim().replace(/^\d/, "") ?? reason,
        keys: [String(index + 1)],
        group: gettext("Reasons"),
        when,
        pressed: () => this.#reasons.has(reason),
        run: () => this.#toggle(reason),
      };
    });
    return [
      { id: "review.accept", label: gettext("Accept"), keys: ["a"], group, when, run: () => void this.#give("accept") },
      { id: "review.reject", label: gettext("Reject"), keys: ["r"], group, when, run: () => void this.#give("reject") },
      { id: "review.skip", label: gettext("Skip"), keys: ["s"], group, when, run: () => void this.#give("skip") },
      { id: "review.comment", label: gettext("Comment"), keys: ["c"], group, when, run: () => this.#openComment() },
      {
        id: "review.undo", label: gettext("Undo"), keys: ["z"], group,
        when: () => this.#queue.last !== undefined && !this.#busy,
        run: () => void this.#undo(),
      },
      ...reasons,
    ];
  }

  /** @param {string} reason */
  #toggle(reason) {
    if (!this.#reasons.delete(reason)) this.#reasons.add(reason);
    keyboard.changed();
  }

  /** @param {"accept" | "reject" | "skip"} decision */
  async #give(decision) {
    const item = this.#queue.current;
    if (!item || this.#busy) return;
    if (decision === "reject" && this.#reasons.size === 0) {
      this.#say(gettext("Why? Press 1 to 9, then R."));
      return;
    }
    this.#busy = true;
    const reasons = decision === "reject" ? [...this.#reasons] : [];
    try {
      const verdict = await request(item.verdicts, { method: "POST", json: this.#body(decision, reasons) });
      this.#queue.decide({ decision, reasons, verdict: verdict.id });
      this.#say(`${item.name}: ${[decision, ...reasons].join(", ")}`);
      this.#show();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
      keyboard.changed();
    }
  }

  /**
   * @param {string} decision
   * @param {string[]} reasons
   */
  #body(decision, reasons) {
    const seconds = Math.round((performance.now() - this.#since) / 100) / 10;
    /** @type {Record<string, unknown>} */
    const body = { decision, reasons, comment: this.#comment.text, seconds };
    if (this.#comment.text && this.#comment.first !== "") {
      body.first_frame = Number(this.#comment.first);
      body.last_frame = Number(this.#comment.last || this.#comment.first);
    }
    return body;
  }

  async #undo() {
    const last = this.#queue.last;
    if (!last) return;
    this.#busy = true;
    try {
      const address = this.#undoAddress.replace(/0$/, String(last.outcome.verdict));
      await request(address, { method: "DELETE" });
      this.#queue.undo();
      this.#say(`${last.item.name}: ${gettext("verdict taken back")}`);
      this.#show();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
      keyboard.changed();
    }
  }

  #openComment() {
    const frame = String(this.#player.frame ?? 0);
    /** @type {HTMLInputElement} */ (byId("f-first")).value = this.#comment.first || frame;
    /** @type {HTMLInputElement} */ (byId("f-last")).value = this.#comment.last || frame;
    /** @type {HTMLDialogElement} */ (byId("comment")).showModal();
  }

  /** @param {HTMLDialogElement} dialog */
  #onComment(dialog) {
    if (dialog.returnValue !== "keep") return;
    /** @param {string} id */
    const value = (id) => /** @type {HTMLInputElement} */ (byId(id)).value;
    this.#comment = { text: value("f-comment"), first: value("f-first"), last: value("f-last") };
    this.#say(gettext("The comment goes along with the verdict."));
  }

  /** @param {Event} event */
  #onPick(event) {
    const button = event.target instanceof Element ? event.target.closest("button[data-id]") : null;
    if (!(button instanceof HTMLElement)) return;
    this.#queue.select(Number(button.dataset.id));
    this.#show();
  }

  #show() {
    const item = this.#queue.current;
    if (!item) {
      globalThis.location.reload();
      return;
    }
    this.#reasons.clear();
    this.#comment = { text: "", first: "", last: "" };
    /** @type {HTMLTextAreaElement} */ (byId("f-comment")).value = "";
    this.#since = performance.now();
    this.#player.setAttribute("src", item.player);
    this.#rail();
    void this.#aside(item.side);
    void this.#ahead();
    keyboard.changed();
  }

  #rail() {
    const rows = this.#queue.rows().map(({ item, outcome, current }) => {
      const state = outcome ? [outcome.decision, ...outcome.reasons].join(", ") : `${item.frames} ${gettext("frames")}`;
      const image = element("img", { src: item.poster, alt: "", loading: "lazy" });
      const name = element("b", { class: "mono" }, item.name);
      const words = element("span", {}, name, element("br"), element("span", { class: "t11 t3" }, state));
      const attributes = { type: "button", "data-id": item.id, class: outcome && "done", "aria-current": current && "true" };
      return element("li", {}, element("button", attributes, image, words));
    });
    byId("queue").replaceChildren(...rows);
    const done = /** @type {HTMLProgressElement} */ (byId("done"));
    byId("decided").textContent = String(this.#decided + this.#queue.decided);
    done.value = this.#decided + this.#queue.decided;
    byId("left").textContent = `${this.#queue.left} ${gettext("in this queue")}`;
  }

  /** @param {string} address */
  async #aside(address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (answer.ok && this.#queue.current?.side === address) byId("side").innerHTML = await answer.text();
  }

  async #ahead() {
    const next = this.#queue.following(AHEAD);
    const state = document.getElementById("next-state");
    if (state) state.textContent = next.length ? gettext("decoding the next") : gettext("the last one");
    await preloadSamples(next.map((item) => item.player));
    if (state && next.length) state.textContent = gettext("next decoded");
  }

  #tick() {
    const clock = document.getElementById("clock");
    if (clock) clock.textContent = `${((performance.now() - this.#since) / 1000).toFixed(1)} s`;
  }

  /** @param {string} text */
  #say(text) {
    byId("said").textContent = text;
  }

  /** @param {unknown} error */
  #fail(error) {
    const said = error instanceof ApiError ? `${error.message} ${error.hint}` : gettext("That did not work.");
    this.#say(said.trim());
  }
}

new Review().start();
