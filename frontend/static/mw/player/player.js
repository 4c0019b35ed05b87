/**
 * <mw-player src="…/layers.json" view="wipe" frame="12" keys="off">
 * Properties: ready (promise of the first drawn frame), frame, view, range, layers, strips, model, zoom,
 * streams, canvas, ledger. Methods: frameAt(clientX). Events: "mw-source" when the streams of another sample
 * are known, detail {layers}; "mw-frame" after a frame of every stream was drawn, detail {frame};
 * "mw-readout", detail {place, readings}, while the pointer is on a picture; "mw-failed", detail {error}.
 */
import { element, icon } from "../lib/build.js";
import { gettext } from "../lib/text.js";
import { keyboard, refreshButtons } from "../keyboard/keyboard.js";
import { showToast } from "../toast/toast.js";
import { playerActions } from "./actions.js";
import { startDecoding } from "./decoder_link.js";
import { Footage } from "./footage.js";
import { Ledger } from "./ledger.js";
import { PlayerModel } from "./model.js";
import { Panes } from "./panes.js";
import { takeSample } from "./preload.js";
import { Readout } from "./readout.js";
import { makeRenderer } from "./renderer.js";
import { Stills } from "./stills.js";
import { Timeline } from "./timeline.js";
import { Transport } from "./transport.js";
import { ViewerBar } from "./viewer_bar.js";
import { VIEWS, viewNamed } from "./views/index.js";

/** @typedef {import("./stream_set.js").Shown} Shown */
/** @typedef {import("./stream_set.js").StreamSet} StreamSet */
/** @typedef {import("./renderer.js").Renderer} Renderer */
/** @typedef {import("./views/view.js").Place} Place */
/** @typedef {import("./zoom_control.js").ZoomControl} ZoomControl */
/** @typedef {{panes: Panes, bar: ViewerBar, transport: Transport, timeline: Timeline}} Parts */

/** Where panes beside each other would be too small to judge, one is shown at a time. */
const NARROW = 560;
/** What the edge of the stage and a scroll bar take of its width, in CSS pixels. */
const BESIDE = 40;

class Player extends HTMLElement {
  static observedAttributes = ["src", "view", "frame"];

  /** @type {PlayerModel | null} */ model = null;
  /** @type {StreamSet | null} */ streams = null;
  /** @type {Promise<void>} */ ready = new Promise(() => {});
  canvas = element("canvas");
  /** What a page draws under the ruler. The page fills it, and empties it for the next sample. */
  strips = element("div", { class: "strips" });
  #stage = element("div", { class: "stage" });
  #actions = playerActions(this);
  /** @type {Renderer | null} */ #renderer = null;
  /** Whether there is no renderer and none on its way. */
  #undrawable = false;
  /** @type {Parts | null} */ #parts = null;
  /** Whether connectedCallback has read the attributes. */
  #begun = false;
  #life = new AbortController();
  #load = new AbortController();
  /** @type {Shown | null} */ #shown = null;
  ledger = new Ledger();
  #drawn = -1;
  /** Whether more than the frame number changed since the last drawing. */
  #stale = false;
  #scheduled = 0;
  /** Whether the last readout said something. */
  #told = false;
  /** @type {Stills | null} */ stills = null;
  /** @type {Footage | null} */ #footage = null;
  /** @type {((error?: Error) => void)} */ #settle = () => {};

  connectedCallback() {
    this.classList.add("well", "built");
    this.#begun = true;
    this.#life = new AbortController();
    const { signal } = this.#life;
    if (this.getAttribute("keys") !== "off") keyboard.add(this.#actions, { signal });
    // A canvas whose context was given up cannot get another.
    this.canvas = element("canvas", { "aria-hidden": "true" });
    startDecoding();
    void this.#makeRenderer(signal);
    const resized = new ResizeObserver(() => this.#onResize());
    resized.observe(this.#stage);
    signal.addEventListener("abort", () => resized.disconnect(), { once: true });
    void this.#open();
  }

  /** @param {AbortSignal} signal */
  async #makeRenderer(signal) {
    this.#undrawable = false;
    try {
      const renderer = await makeRenderer(this.canvas, VIEWS, () => this.#refresh());
      if (signal.aborted) return renderer.close();
      this.#renderer = renderer;
      this.#refresh();
    } catch (error) {
      this.#undrawable = true;
      if (!signal.aborted) this.#fail(error);
    }
  }

  disconnectedCallback() {
    this.#begun = false;
    this.#life.abort();
    this.#close();
    cancelAnimationFrame(this.#scheduled);
    this.#scheduled = 0;
    this.#renderer?.close();
    this.#renderer = null;
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    // Before connectedCallback there is nothing to change: it reads the attributes itself.
    if (!this.#begun || before === now) return;
    if (name === "src") void this.#open();
    if (name === "view") this.view = now;
    if (name === "frame" && now !== null) this.frame = Number(now);
  }

  /** The frame on screen; -1 before the first. */
  get frame() {
    return this.#drawn;
  }

  /** The frame on screen, or the one on its way there after a step; -1 while nothing is loaded. */
  get wanted() {
    if (!this.model) return -1;
    return this.model.clock.playing ? this.#drawn : this.model.clock.frame;
  }

  set frame(frame) {
    if (!this.model) this.setAttribute("frame", String(frame));
    this.model?.pause();
    this.model?.seek(frame);
  }

  /** @returns {string | null} */
  get view() {
    return this.model?.view.id ?? this.getAttribute("view");
  }

  set view(id) {
    if (!this.model && id !== null) this.setAttribute("view", id);
    if (this.model && this.model.view.id !== id) this.model.choose(viewNamed(id));
  }

  /** What the server said of the sample on show; null while there is none. */
  get layers() {
    return this.model?.layers ?? null;
  }

  /** First and last frame of the loop; null while nothing loops. */
  get range() {
    return this.model?.clock.looping ? this.model.clock.range : null;
  }

  /** @param {readonly [number, number] | null} range both ends belong to it; null ends the loop */
  set range(range) {
    this.model?.setRange(range);
  }

  /**
   * @param {number} clientX
   * @returns {number} the frame of the timeline there; 0 while nothing is loaded
   */
  frameAt(clientX) {
    return this.#parts?.timeline.frameAt(clientX) ?? 0;
  }

  /** "webgl2" or "2d"; "" while it is not on the page. */
  get rendererKind() {
    return this.#renderer?.kind ?? "";
  }

  /** @returns {ZoomControl | null} null also where a view shows its parts at 100 % */
  get zoom() {
    const panes = this.#parts?.panes;
    return panes?.zooms ? panes.zoom : null;
  }

  /** Draw again now what is on screen, so that the canvas can be read in the same task. */
  redraw() {
    this.#onResize();
    if (this.#shown) this.#draw(this.#shown);
  }

  async #open() {
    const view = this.view;
    const before = this.model?.state ?? null;
    this.#close();
    const src = this.getAttribute("src");
    if (!src) return;
    this.#load = new AbortController();
    const { signal } = this.#load;
    const loading = element("p", { class: "loading t12 t3", role: "status" }, gettext("Decoding the first frame"));
    this.#stage.append(loading);
    this.ready = new Promise((resolve, reject) => (this.#settle = (error) => (error ? reject(error) : resolve())));
    this.ready.catch(() => {}).finally(() => loading.remove());
    try {
      const streams = await takeSample(src, signal);
      if (signal.aborted) return streams.close();
      this.streams = streams;
      this.#build(new PlayerModel(streams.layers, { view, before, frame: Number(this.getAttribute("frame") ?? 0) }), signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /**
   * @param {PlayerModel} model
   * @param {AbortSignal} signal
   */
  #build(model, signal) {
    this.model = model;
    // The server and the decoder work while the parts are built.
    this.#want(model, model.clock.frame, model.direction);
    this.ledger = new Ledger();
    const readout = new Readout(model.layers, () => this.#describe(), signal);
    const panes = new Panes(this.#stage, model, readout, () => this.#describe(), signal);
    const preview = Boolean(this.streams?.previewReason);
    const events = { onChange: () => this.#refresh(), onError: (/** @type {unknown} */ error) => sayError(error) };
    this.stills = new Stills(model.layers, preview, events, signal);
    this.#footage = new Footage(model, events, signal);
    const bar = new ViewerBar(this.#actions, model, this, this.#footage, signal);
    const transport = new Transport(this.#actions, model, signal);
    const timeline = new Timeline(model, this.strips, signal);
    this.#parts = { panes, bar, transport, timeline };
    this.prepend(bar.root);
    this.append(transport.root, timeline.root);
    model.addEventListener("changed", () => this.#refresh(), { signal });
    // The rows of a long film scroll under the canvas.
    this.#stage.addEventListener("scroll", () => (panes.moved(), this.#refresh()), { capture: true, signal });
    // What was measured may offer another view.
    this.addEventListener("mw-quality", () => this.#refresh(), { signal });
    model.addEventListener("place", (event) => this.#lookAt(/** @type {CustomEvent<Place>} */ (event).detail), { signal });
    this.streams?.addEventListener("picture", () => this.#schedule(), { signal });
    this.streams?.addEventListener("failed", () => this.#fail(this.streams?.error), { signal });
    this.dispatchEvent(new CustomEvent("mw-source", { detail: { layers: model.layers }, bubbles: true }));
    this.#onResize();
    if (this.streams?.error) this.#fail(this.streams.error);
  }

  /** @param {Place} place */
  #lookAt({ box }) {
    // The boxes of the panes have to be there before their size can be asked.
    this.#parts?.panes.layOut();
    this.#parts?.panes.zoom.showBox(box);
  }

  #close() {
    this.#load.abort();
    this.streams?.close();
    this.streams = null;
    this.model = null;
    this.stills = null;
    this.#footage = null;
    this.#parts = null;
    this.#shown = null;
    this.#drawn = -1;
    this.replaceChildren(this.#stage);
    this.#stage.replaceChildren(this.canvas);
    // Old pictures go at once: nobody may judge one sample by the pictures of another.
    this.#renderer?.draw([]);
  }

  #onResize() {
    const { clientWidth, clientHeight } = this.#stage;
    const width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    const height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.#parts?.panes.moved();
    if (!this.model) return;
    const narrow = clientWidth < NARROW && this.model.layers.streams.length > 1;
    if (narrow !== (this.model.state.only !== null)) this.model.set({ only: narrow ? (this.model.layers.streams[0]?.name ?? "") : null });
    this.model.state.room = width - BESIDE * devicePixelRatio;
    this.#refresh();
  }

  #refresh() {
    this.#stale = true;
    this.#schedule();
  }

  #schedule() {
    this.#scheduled ||= requestAnimationFrame((now) => {
      this.#scheduled = 0;
      this.#tick(now);
    });
  }

  /** @param {number} now ms */
  #tick(now) {
    const { model, streams } = this;
    if (!model || !streams || !this.#renderer) return;
    const frame = model.clock.due(now);
    const { offsets } = model;
    const direction = model.clock.playing ? (model.clock.speed > 0 ? 1 : -1) : model.direction;
    this.#want(model, frame, direction);
    this.#footage?.want(frame, direction);
    const isNew = frame !== this.#drawn;
    const decoded = isNew || this.#stale ? streams.at(frame, offsets) : null;
    const whole = decoded && (this.stills?.apply(decoded) ?? decoded);
    const shown = whole && (this.#footage ? this.#footage.apply(whole) : whole);
    if (!isNew) model.clock.stands(now);
    if (isNew && shown) this.#note(shown, model.clock.shown(frame, now));
    if (shown) this.#shown = shown;
    if (this.#stale) this.#parts?.panes.layOut();
    if (this.#shown && (shown || this.#stale)) this.#draw(this.#shown);
    if (isNew && shown) {
      this.#drawn = frame;
      this.dispatchEvent(new CustomEvent("mw-frame", { detail: { frame }, bubbles: true }));
      this.#settle();
    }
    this.stills?.rest(this.#drawn, model.clock.playing);
    if (shown || this.#stale) this.#describe();
    this.#stale = false;
    if (model.clock.playing) this.#schedule();
  }

  /**
   * @param {PlayerModel} model
   * @param {number} frame
   * @param {1 | -1} direction
   */
  #want(model, frame, direction) {
    const { playing, looping, range } = model.clock;
    this.streams?.prepare(model.painted);
    this.streams?.want(frame, direction, model.offsets, playing && looping ? range : null);
  }

  /**
   * @param {Shown} shown
   * @param {boolean} late
   */
  #note(shown, late) {
    const streams = this.model?.layers.streams ?? [];
    this.ledger.note(shown.frame, streams.map(({ name }) => shown.get(name, 0)), late);
  }

  /** @param {Shown} shown */
  #draw(shown) {
    if (this.#parts) this.#renderer?.draw(this.#parts.panes.drawn(shown));
  }

  /** What changes with every frame; the rest only when something else did, too. */
  #describe() {
    const { model, streams } = this;
    if (!this.#parts || !model || !streams) return;
    const { panes, bar, transport, timeline } = this.#parts;
    panes.describe(this.#shown);
    this.#tellReadout(panes.readout);
    transport.refresh(this.#drawn, this.ledger, { previewReason: streams.previewReason, stored: this.stills?.shown ?? false });
    timeline.refresh(this.#drawn);
    if (!this.#stale && model.clock.playing) return;
    bar.refresh(panes.scale);
    refreshButtons(this);
  }

  /** @param {Readout} readout */
  #tellReadout({ place, readings }) {
    if (!place && !this.#told) return;
    this.#told = place !== null;
    this.dispatchEvent(new CustomEvent("mw-readout", { detail: { place, readings }, bubbles: true }));
  }

  /** @param {unknown} error */
  #fail(error) {
    const said = error instanceof Error ? error : new Error(String(error));
    const retry = element("button", { class: "btn s", type: "button" }, gettext("Try again"));
    retry.addEventListener("click", () => {
      if (this.#undrawable) void this.#makeRenderer(this.#life.signal);
      void this.#open();
    });
    const text = element("span", { class: "grow" }, said.message);
    this.#stage.append(element("div", { class: "notice bad", role: "alert" }, icon("warn"), text, retry));
    this.model?.pause();
    this.#settle(said);
    this.dispatchEvent(new CustomEvent("mw-failed", { detail: { error: said }, bubbles: true }));
  }
}

/** @param {unknown} error */
function sayError(error) {
  showToast({ text: error instanceof Error ? error.message : String(error), tone: "bad" });
}

customElements.define("mw-player", Player);
