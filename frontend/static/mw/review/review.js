/** The Review page: wires queue, leases, player, verdict bar, comments and keys. */
import { ApiError, request } from "../lib/api.js";
import { gettext, interpolate } from "../lib/text.js";
import { keyboard } from "../keyboard/keyboard.js";
import { preloadSamples } from "../player/preload.js";
import { CommentPanel } from "./comments.js";
import { Leases } from "./leases.js";
import { ReviewQueue } from "./queue.js";
import { railRow } from "./rail.js";
import { suggestedReasons } from "./suggested.js";

/** @typedef {import("./queue.js").Outcome} Outcome */
/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./comments.js").Player} Player */
/** @typedef {import("../quality/strips.js").Report} Report */

const TICK_MS = 100;
/** While everything that waits is with others. */
const ASK_AGAIN_MS = 4000;

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

class Review {
  #page = byId("review");
  #facts = JSON.parse(byId("review-facts").textContent ?? "{}");
  #queue = new ReviewQueue(this.#facts.given);
  #leases = new Leases(this.#facts.leases, this.#facts.chosen);
  #player = /** @type {Player} */ (byId("player"));
  #comments = new CommentPanel(byId("comments"), this.#player, {
    change: this.#facts.comment,
    say: (text) => this.#say(text),
    fail: (error) => this.#fail(error),
  });
  /** @type {Set<string>} */ #reasons = new Set();
  /** @type {Map<string, string>} */ #labels = new Map();
  /** @type {Set<number>} samples whose first frames are decoded */ #decoded = new Set();
  #decidedBefore = Number(byId("decided").textContent);
  #since = performance.now();
  #shown = -1;
  #mayJudge = this.#page.dataset.mayJudge === "yes";
  /** What is being sent, one after the other, so that undo never overtakes its verdict. */
  #line = Promise.resolve();
  /** Acts that are under way or wait their turn. */
  #inLine = 0;

  start() {
    for (const button of document.querySelectorAll("[data-reason]")) {
      const { reason = "" } = /** @type {HTMLElement} */ (button).dataset;
      this.#labels.set(reason, button.querySelector("span")?.textContent ?? reason);
    }
    if (this.#mayJudge) keyboard.add(this.#actions());
    this.#player.addEventListener("mw-quality", (event) => this.#suggest(/** @type {CustomEvent<{reports: Report[]}>} */ (event).detail.reports));
    byId("queue").addEventListener("click", (event) => void this.#onPick(event));
    for (const select of document.querySelectorAll("[data-submits]")) {
      select.addEventListener("change", () => /** @type {HTMLSelectElement} */ (select).form?.submit());
    }
    setInterval(() => this.#tick(), TICK_MS);
    if (this.#mayJudge) {
      setInterval(() => void this.#renew(), (this.#facts.lease_seconds * 1000) / 3);
      globalThis.addEventListener("pagehide", () => this.#leases.releaseAll());
      globalThis.addEventListener("pageshow", (event) => event.persisted && globalThis.location.reload());
      void this.#take();
    } else this.#show();
  }

  #actions() {
    const group = gettext("Verdict");
    const when = () => this.#queue.current !== undefined;
    const reasons = [...this.#labels].map(([reason, label], index) => ({
      id: `review.reason.${reason}`,
      label,
      keys: [String(index + 1)],
      group: gettext("Reasons"),
      when,
      pressed: () => this.#reasons.has(reason),
      run: () => this.#toggle(reason),
    }));
    return [
      { id: "review.accept", label: gettext("Accept"), keys: ["a"], group, when, once: true, run: () => this.#give("accept") },
      { id: "review.reject", label: gettext("Reject"), keys: ["r"], group, when, once: true, run: () => this.#give("reject") },
      { id: "review.skip", label: gettext("Skip"), keys: ["s"], group, when, once: true, run: () => this.#give("skip") },
      { id: "review.comment", label: gettext("Comment"), keys: ["c"], group, when, run: () => this.#comments.begin() },
      {
        id: "review.undo", label: gettext("Undo"), keys: ["z"], group, once: true,
        when: () => this.#queue.last !== undefined,
        run: () => this.#undo(),
      },
      ...reasons,
    ];
  }

  /** @param {string} reason */
  #toggle(reason) {
    if (!this.#reasons.delete(reason)) this.#reasons.add(reason);
    keyboard.changed();
  }

  /**
   * The next sample is shown at once; a verdict that the server refuses comes back.
   * @param {"accept" | "reject" | "skip"} decision
   */
  #give(decision) {
    const item = this.#queue.current;
    if (!item) return;
    if (decision === "reject" && this.#reasons.size === 0) {
      this.#say(gettext("Why? Press 1 to 9, then R."));
      return;
    }
    const reasons = decision === "reject" ? [...this.#reasons] : [];
    const seconds = Math.round((performance.now() - this.#since) / 100) / 10;
    const outcome = this.#queue.decide({ decision, reasons, verdict: null });
    this.#announce(item, decision, reasons);
    this.#show();
    this.#inTurn(async () => {
      try {
        const verdict = await request(item.verdicts, { method: "POST", json: { decision, reasons, seconds } });
        if (outcome) outcome.verdict = verdict.id;
      } catch (error) {
        this.#queue.undo(outcome);
        this.#fail(error);
        this.#show();
      }
      await this.#take();
    });
  }

  #undo() {
    this.#inTurn(async () => {
      const last = this.#queue.last;
      if (!last?.outcome.verdict) return;
      try {
        await request(this.#facts.undo.replace(/0$/, String(last.outcome.verdict)), { method: "DELETE" });
        await this.#leases.takeOne(last.item.lease);
        this.#queue.undo();
        this.#say(interpolate(gettext("%(name)s: verdict taken back"), { name: last.item.name }));
      } catch (error) {
        this.#fail(error);
      }
      this.#show();
    });
  }

  /** @param {() => Promise<void>} act */
  #inTurn(act) {
    this.#inLine += 1;
    this.#line = this.#line.then(act).finally(() => {
      this.#inLine -= 1;
      keyboard.changed();
    });
  }

  async #take() {
    try {
      this.#queue.fill(await this.#leases.take(this.#queue.held, this.#queue.done));
    } catch (error) {
      this.#fail(error);
    }
    this.#show();
    // Verdicts behind this one ask again themselves; a reload now would lose them.
    if (!this.#queue.current && this.#inLine <= 1) this.#nothingLeft();
  }

  /** What waits may be with others, or may be what was skipped here. */
  #nothingLeft() {
    if (this.#queue.waiting === 0 || this.#queue.done.length > 0) {
      globalThis.location.reload();
      return;
    }
    this.#say(gettext("Everything that waits is with other reviewers right now."));
    setTimeout(() => void this.#take(), ASK_AGAIN_MS);
  }

  async #renew() {
    const held = this.#queue.held;
    if (!held.length) return;
    const kept = await this.#leases.renew(held).catch(() => null);
    if (kept === null) return;
    const lost = this.#queue.keep([...kept, ...this.#queue.held.filter((id) => !held.includes(id))]);
    if (!lost.length) return;
    const names = lost.map((item) => item.name).join(", ");
    this.#say(interpolate(gettext("%(names)s went to somebody else: this page had been asleep."), { names }));
    await this.#take();
  }

  /** @param {Event} event */
  async #onPick(event) {
    const button = event.target instanceof Element ? event.target.closest("button[data-id]") : null;
    const item = button instanceof HTMLElement ? this.#queue.item(Number(button.dataset.id)) : undefined;
    if (!item) return;
    try {
      if (this.#mayJudge && !this.#queue.held.includes(item.id)) await this.#leases.takeOne(item.lease);
      this.#queue.select(item);
    } catch (error) {
      this.#fail(error);
    }
    this.#show();
  }

  #show() {
    const item = this.#queue.current;
    this.#rail();
    if (!item || item.id === this.#shown) return;
    this.#shown = item.id;
    this.#reasons.clear();
    this.#suggest([]);
    this.#since = performance.now();
    this.#player.setAttribute("src", item.player);
    byId("current").textContent = item.name;
    void this.#aside(item.side);
    void this.#comments.open(item);
    void this.#ahead();
    keyboard.changed();
  }

  /**
   * Mark what the checks speak for; a rejection still names its reasons itself.
   * @param {readonly Report[]} reports
   */
  #suggest(reports) {
    const suggested = suggestedReasons(reports.flatMap(({ state, findings }) => (state === "measured" ? findings : [])));
    for (const button of document.querySelectorAll("[data-reason]")) {
      const { reason = "" } = /** @type {HTMLElement} */ (button).dataset;
      const text = suggested.get(reason);
      button.classList.toggle("suggested", text !== undefined);
      /** @type {HTMLElement} */ (button).title = text ?? "";
    }
  }

  #rail() {
    const known = { labels: this.#labels, decoded: this.#decoded };
    byId("queue").replaceChildren(...this.#queue.rows().map((row) => railRow(row, known)));
    const done = /** @type {HTMLProgressElement} */ (byId("done"));
    byId("decided").textContent = String(this.#decidedBefore + this.#queue.decided);
    done.value = this.#decidedBefore + this.#queue.decided;
    byId("left").textContent = interpolate(gettext("%(n)s in this queue"), { n: this.#queue.waiting });
  }

  /** @param {string} address */
  async #aside(address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (answer.ok && this.#queue.current?.side === address) byId("side").innerHTML = await answer.text();
  }

  async #ahead() {
    const next = this.#queue.following;
    const shown = this.#queue.current?.id;
    const state = document.getElementById("next-state");
    if (state) state.textContent = next.length ? gettext("decoding the next") : gettext("the last one");
    // What is being looked at comes first; without pictures the next one may still have some.
    await this.#player.ready.catch(() => {});
    if (this.#queue.current?.id !== shown) return;
    await preloadSamples(next.map((item) => item.player));
    for (const item of next) this.#decoded.add(item.id);
    if (state && next.length) state.textContent = gettext("next decoded");
    this.#rail();
  }

  #tick() {
    const clock = document.getElementById("clock");
    if (clock) clock.textContent = `${((performance.now() - this.#since) / 1000).toFixed(1)} s`;
  }

  /**
   * @param {Item} item
   * @param {"accept" | "reject" | "skip"} decision
   * @param {string[]} reasons
   */
  #announce(item, decision, reasons) {
    const words = { accept: gettext("accepted"), reject: gettext("rejected"), skip: gettext("skipped") };
    this.#say(`${item.name}: ${[words[decision], ...reasons.map((reason) => this.#labels.get(reason) ?? reason)].join(", ")}`);
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
