/**
 * <mw-annotator state="…/state.json" src="…/player.json" frames="90" me="7">: masks by hand over <mw-player>.
 * The player owns time, zoom and the picture; this element draws masks over it and sends what is drawn.
 */
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { keyboard } from "../keyboard/keyboard.js";
import { showToast } from "../toast/toast.js";
import { annotateActions } from "./actions.js";
import { lane } from "./lanes.js";
import { MaskStore, fromBase64 } from "./mask_store.js";
import { Outbox } from "./outbox.js";
import { Overlay } from "./overlay.js";
import { Session } from "./session.js";
import { Side } from "./side.js";
import { Tools } from "./tools.js";

/** @typedef {import("./tint.js").Look} Look */
/** @typedef {import("./marks.js").Mark} Mark */
/** @typedef {import("./mask_store.js").Plane} Plane */
/** @typedef {import("./overlay.js").ShownMask} ShownMask */
/** @typedef {HTMLElement & {frame: number, zoom: import("../player/zoom_control.js").ZoomControl | null, model: EventTarget | null, strips: HTMLElement, layers: {width: number, height: number} | null, frameAt: (x: number) => number}} PlayerElement */

class Annotator extends HTMLElement {
  frames = 1;
  current = 1;
  /** @type {Set<number>} */ unseen = new Set();
  /** @type {Look} */ look = "overlay";
  onion = false;
  tools = new Tools();
  /** @type {AbortController | null} */ carrying = null;
  session = new Session("", 0);
  #store = new MaskStore(() => "");
  #overlay = new Overlay();
  /** @type {PlayerElement} */ #player = /** @type {any} */ (null);
  /** @type {Side | null} */ #side = null;
  /** @type {ShownMask[]} */ #masks = [];
  /** @type {ShownMask[]} */ #neighbours = [];
  #life = new AbortController();
  #scheduled = 0;
  #outbox = new Outbox();
  /** @type {import("./session.js").Drawn[]} */ #unsent = [];
  /** How often masks were fetched to be shown; what comes for an earlier time is late. */ #turn = 0;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.frames = Number(this.getAttribute("frames"));
    this.session = new Session(this.getAttribute("state") ?? "", Number(this.getAttribute("me")));
    this.#store = new MaskStore((object, frame) => this.session.maskUrl(object, frame));
    this.#build(signal);
    keyboard.add(annotateActions(this), { signal });
    this.session.addEventListener("changed", () => this.#onFacts(), { signal });
    this.tools.addEventListener("changed", () => this.#refresh(), { signal });
    this.tools.addEventListener("moved", () => this.#schedule(), { signal });
    this.#outbox.addEventListener("changed", () => {
      this.#say();
      this.#schedule();
    }, { signal });
    window.addEventListener("focus", () => this.#lookAgain(), { signal });
    window.addEventListener("beforeunload", (event) => {
      if (this.#outbox.unsent) event.preventDefault();
    }, { signal });
    this.attempt(() => this.session.load());
  }

  disconnectedCallback() {
    this.#life.abort();
    this.carrying?.abort();
    cancelAnimationFrame(this.#scheduled);
  }

  get frame() {
    return this.#player.frame;
  }

  set frame(frame) {
    this.#player.frame = frame;
  }

  /** @param {number} number */
  choose(number) {
    if (!this.session.facts.objects.some((object) => object.number === number)) return;
    this.current = number;
    this.#refresh();
  }

  /** @param {number} number */
  toggle(number) {
    if (!this.unseen.delete(number)) this.unseen.add(number);
    this.#refresh();
    void this.#show();
  }

  /** @param {Look} look */
  lookAt(look) {
    this.look = look;
    this.#refresh();
  }

  toggleOnion() {
    this.onion = !this.onion;
    this.#refresh();
    void this.#show();
  }

  /**
   * Marks are sent one after the other, in the order in which they were drawn.
   * @param {Partial<Mark> & {kind: string, source_frame?: number}} mark
   */
  send(mark) {
    const drawn = { ...mark, frame: this.frame, object: this.current };
    const begun = performance.now();
    this.#unsent.push(drawn);
    this.attempt(() => this.#outbox.add(async (again) => this.#took(await this.session.mark(drawn, again))), () => {
      this.dataset.took = String(Math.round(performance.now() - begun));
      this.#unsent.splice(this.#unsent.indexOf(drawn), 1);
      if (this.#unsent.length === 0) this.tools.drag = null;
      this.#say();
      this.#schedule();
    });
  }

  /** @param {"undo" | "redo"} way */
  step(way) {
    this.attempt(() => this.#outbox.add(async (again) => {
      const answer = await this.session.step(way, again);
      if (!answer && again) return this.#afresh();
      if (!answer) return showToast({ text: gettext("There is nothing to take back or do again.") });
      await this.#took(answer);
      if (answer.frame !== this.frame) this.frame = answer.frame;
    }));
  }

  /** Carry the masks of this frame through the clip. */
  async carry() {
    if (this.carrying) return;
    this.carrying = new AbortController();
    const frame = this.frame;
    const seen = new Set();
    this.#refresh();
    try {
      for await (const found of this.session.carry(frame, this.carrying.signal)) {
        void this.#store.put(found.object, found.frame, found.png);
        if (found.frame === this.frame) void this.#show();
        seen.add(found.frame);
        this.#say(interpolate(gettext("Carrying masks: %(done)s frames"), { done: seen.size }));
        if (seen.size % 8 === 0) this.#drawLanes();
      }
    } catch (error) {
      if (!this.carrying.signal.aborted) {
        fail(error);
        this.attempt(() => this.#outbox.ask(() => this.#loaded()));
      }
    }
    this.carrying = null;
    this.#drawLanes();
    this.#refresh();
    void this.#show();
  }

  stop() {
    this.attempt(() => this.session.stop());
  }

  save() {
    this.attempt(async () => {
      const { version } = await this.session.save();
      showToast({ text: interpolate(gettext("Version %(version)s is being written as masks of the video."), { version }), tone: "ok" });
    });
  }

  /** @param {() => Promise<unknown>} work @param {() => void} [after] */
  attempt(work, after = () => undefined) {
    void work().catch(fail).then(after);
  }

  /** Somebody else may have worked here, or a job: what nobody waits for is asked for anew. */
  #lookAgain() {
    if (this.#outbox.idle && !this.carrying) this.attempt(() => this.#outbox.ask(() => this.#loaded()));
  }

  #loaded() {
    this.#store.clear();
    return this.session.load();
  }

  #afresh() {
    this.#store.clear();
    void this.#show();
  }

  /** @param {AbortSignal} signal */
  #build(signal) {
    const player = /** @type {PlayerElement} */ (/** @type {unknown} */ (document.createElement("mw-player")));
    player.classList.add("fill");
    player.setAttribute("src", this.getAttribute("src") ?? "");
    this.#player = player;
    const choice = /** @type {import("./side.js").Choice} */ (/** @type {unknown} */ (this));
    this.#side = new Side(this.session, choice, (work) => this.attempt(work), this.#brush());
    this.append(element("div", { class: "annotate-main" }, element("div", { class: "annotate-stage" }, player), this.#side.root));
    player.addEventListener("mw-source", () => {
      player.model?.addEventListener("changed", () => this.#schedule(), { signal });
      this.#drawLanes();
    }, { signal });
    player.addEventListener("mw-frame", () => {
      this.#attach();
      this.#say();
      void this.#show();
    }, { signal });
    const { canvas } = this.#overlay;
    const allowed = () => !this.session.facts.objects.find(({ number }) => number === this.current)?.locked;
    this.tools.listen(canvas, () => player.zoom, allowed, (mark) => this.send(mark), signal);
  }

  #brush() {
    const size = element("input", { type: "range", min: 1, max: 120, value: this.tools.radius, "aria-label": gettext("Brush size") });
    const soft = element("input", { type: "range", min: 0, max: 1, step: 0.05, value: this.tools.soft, "aria-label": gettext("Soft edge") });
    size.addEventListener("input", () => (this.tools.radius = Number(size.value)));
    soft.addEventListener("input", () => (this.tools.soft = Number(soft.value)));
    this.tools.addEventListener("changed", () => (size.value = String(this.tools.radius)));
    const line = (/** @type {string} */ text, /** @type {Node} */ input) => element("label", { class: "annotate-slider" }, element("span", {}, text), input);
    return element("div", { class: "annotate-brush" }, line(gettext("Size"), size), line(gettext("Soft"), soft));
  }

  /** The player makes its boxes anew when their number changes. */
  #attach() {
    const box = this.#player.querySelector(".pane .pic");
    if (box && this.#overlay.canvas.parentElement !== box) box.append(this.#overlay.canvas);
  }

  #onFacts() {
    if (!this.session.facts.objects.some(({ number }) => number === this.current)) this.current = this.session.facts.objects[0]?.number ?? 1;
    this.#drawLanes();
    this.#refresh();
    void this.#show();
  }

  /**
   * The mask is decoded first: what follows from the answer is then drawn at once, and not only
   * when the browser asks for its next frame.
   * @param {import("./session.js").Answer} answer
   */
  async #took(answer) {
    const png = answer.mask ? fromBase64(answer.mask) : null;
    if (!answer.away && !answer.superseded) await this.#store.put(answer.object, answer.frame, png);
    this.session.apply(answer);
    await this.#show();
    cancelAnimationFrame(this.#scheduled);
    this.#scheduled = 0;
    this.#draw();
    if (answer.away) fail(new Error(answer.away));
  }

  /** Fetch what belongs to the frame on screen, then draw it. */
  async #show() {
    const { frame } = this;
    const turn = ++this.#turn;
    const found = await this.#masksOf(frame);
    const around = this.onion ? (await Promise.all([frame - 1, frame + 1].map((one) => this.#masksOf(one)))).flat() : [];
    if (turn !== this.#turn) return;
    this.#masks = found;
    this.#neighbours = around;
    this.#schedule();
  }

  /** @param {number} frame @returns {Promise<ShownMask[]>} */
  async #masksOf(frame) {
    const shown = this.session.facts.objects.filter(({ number, frames }) => !this.unseen.has(number) && frames.some(([kept]) => kept === frame));
    const planes = await Promise.all(shown.map(({ number }) => this.#store.get(number, frame)));
    return shown.flatMap(({ number, colour }, at) => {
      const plane = planes[at];
      return plane ? [{ number, colour, plane }] : [];
    });
  }

  #refresh() {
    this.#side?.refresh();
    this.classList.toggle("painting", this.tools.painting);
    keyboard.changed();
    this.#say();
    this.#schedule();
  }

  #schedule() {
    this.#scheduled ||= requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.#draw();
    });
  }

  #draw() {
    const { zoom, layers } = this.#player;
    if (!zoom || !layers) return;
    const { tools, look, current, session } = this;
    this.#overlay.draw({
      placed: zoom.placed,
      size: layers,
      masks: this.#masks,
      onion: this.#neighbours,
      marks: look === "alone" ? [] : this.#marks(),
      look,
      drag: tools.drag,
      colour: session.facts.objects.find(({ number }) => number === current)?.colour ?? 0,
      brush: tools.painting && tools.at ? { ...tools.at, radius: tools.radius } : null,
    });
    this.dataset.masks = this.#masks.map(({ number }) => number).join(" ");
    this.dispatchEvent(new CustomEvent("mw-masks-drawn", { detail: { planes: this.#masks.map(({ plane }) => plane) } }));
  }

  /** What was drawn on this frame for this object; without a server also what waits for it. */
  #marks() {
    const waiting = this.#outbox.away ? this.#unsent.map((mark) => ({ id: 0, author: null, positive: true, points: [], radius: 3, ...mark })) : [];
    return [...this.session.facts.marks, ...waiting].filter(({ frame, object }) => frame === this.frame && object === this.current);
  }

  #drawLanes() {
    const { strips } = this.#player;
    if (!strips) return;
    strips.replaceChildren(...this.session.facts.objects.map((object) => {
      const row = lane(object, this.frames);
      row.querySelector("canvas")?.addEventListener("click", (event) => (this.frame = this.#player.frameAt(event.clientX)));
      return row;
    }));
  }

  /** @param {string} [text] */
  #say(text) {
    const said = this.querySelector("[data-part=standing]");
    if (!said) return;
    if (!text && this.carrying && !this.#outbox.away) return;
    const { away, unsent } = this.#outbox;
    said.classList.toggle("warn", away);
    if (away && unsent) said.textContent = interpolate(gettext("The server does not answer. What you draw waits here and is sent again: %(waiting)s"), { waiting: unsent });
    else if (away) said.textContent = gettext("The server does not answer. All that you drew has arrived.");
    else said.textContent = text ?? (unsent ? gettext("Making the mask") : interpolate(gettext("Frame %(frame)s of %(frames)s"), { frame: this.frame, frames: this.frames }));
  }
}

/** @param {unknown} error */
function fail(error) {
  const hint = error instanceof Error && "hint" in error ? ` ${error.hint}` : "";
  showToast({ text: (error instanceof Error ? error.message : String(error)) + hint, tone: "bad" });
}

customElements.define("mw-annotator", Annotator);
export { Annotator };
