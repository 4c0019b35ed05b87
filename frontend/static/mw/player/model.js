/**
 * What the viewer shows: which frame, which view, which streams, which zoom. No document here; the
 * element draws what this says and hears "changed".
 */
import { FrameClock } from "./clock.js";
import { FIT } from "./transform.js";
import { VIEWS, viewNamed } from "./views/index.js";
import { AS_IT_IS, valuesOf, withValue } from "./views/view.js";

/** @typedef {import("./stream_set.js").Layers} Layers */
/** @typedef {import("./views/view.js").View} View */
/** @typedef {import("./views/view.js").ViewState} ViewState */
/** @typedef {import("./transform.js").Zoom} Zoom */

export class PlayerModel extends EventTarget {
  /** @type {Readonly<Zoom>} */ zoom = FIT;
  /** @type {View} */ view;
  /** @type {ViewState} */ state;
  /** @type {1 | -1} the way the frame number last moved */ direction = 1;

  /**
   * @param {Layers} layers
   * @param {{view?: string | null, frame?: number, before?: ViewState | null}} [start] `before` is how the
   *   sample before it was looked at
   */
  constructor(layers, { view = null, frame = 0, before = null } = {}) {
    super();
    this.layers = layers;
    this.clock = new FrameClock(layers.frames, layers.fps);
    this.clock.seek(frame);
    this.state = { picked: {}, values: {}, flipped: false, only: null, behind: null, room: 0, ...(before && this.#kept(before)) };
    const wanted = viewNamed(view);
    this.view = this.views.includes(wanted) ? wanted : /** @type {View} */ (this.views[0]);
  }

  /**
   * What was set holds for the next sample, as far as that has the same layers.
   * @param {ViewState} before
   * @returns {Partial<ViewState>}
   */
  #kept({ picked, values }) {
    const has = (/** @type {string} */ name) => name === "" || this.layers.streams.some((stream) => stream.name === name);
    const places = VIEWS.filter((view) => view.places).map(({ id }) => id);
    return {
      picked: Object.fromEntries(Object.entries(picked).filter(([, { a, b }]) => has(a) && has(b))),
      values: Object.fromEntries(Object.entries(values).filter(([id]) => !places.includes(id))),
    };
  }

  /** Views that can be chosen with these streams. */
  get views() {
    const { views, streams } = this.layers;
    return VIEWS.filter((view) => (!views || views.includes(view.id)) && view.offered(streams, this.layers));
  }

  /** The streams that the view compares. */
  get picked() {
    const { picks } = this.view;
    return (picks && this.state.picked[picks.group]) ?? picks?.first(this.layers.streams) ?? { a: "", b: "" };
  }

  get panes() {
    return this.view.panes(this.layers.streams, this.picked, this.state, this.layers);
  }

  /** What the settings of the view are. */
  get values() {
    return valuesOf(this.view, this.state);
  }

  /** Frames from the one on show that the view looks at besides. */
  get offsets() {
    const offsets = this.panes.flatMap(({ inputs }) => inputs.map(({ offset = 0 }) => offset));
    return [...new Set(offsets)].filter((offset) => offset !== 0);
  }

  /** Names of the streams whose pixels the view computes with; null where it shows streams as they are. */
  get painted() {
    if (this.view.glsl === AS_IT_IS) return null;
    return new Set(this.panes.flatMap(({ inputs }) => inputs.map(({ stream }) => stream)));
  }

  changed() {
    this.dispatchEvent(new Event("changed"));
  }

  /** @param {View} view its key or button was pressed */
  choose(view) {
    const again = this.view === view;
    if (again) Object.assign(this.state, view.again?.(this.state));
    this.view = view;
    const { length } = this.places;
    if (length) this.goTo((this.values[0] + (again ? 1 : 0)) % length);
    this.changed();
  }

  /** Where the view can look. */
  get places() {
    return this.view.places?.(this.layers) ?? [];
  }

  /** @param {number} number of the view's places */
  goTo(number) {
    const place = this.places[number];
    if (!place) return;
    this.pause();
    this.setValue(0, number);
    this.seek(place.frame);
    this.dispatchEvent(new CustomEvent("place", { detail: place }));
  }

  /** @param {Partial<ViewState>} state */
  set(state) {
    Object.assign(this.state, state);
    this.changed();
  }

  /**
   * @param {"a" | "b"} field
   * @param {string} stream name
   */
  pick(field, stream) {
    const { picks } = this.view;
    if (picks) this.set({ picked: { ...this.state.picked, [picks.group]: { ...this.picked, [field]: stream } }, flipped: false });
  }

  /**
   * @param {number} at place of the setting
   * @param {number} value
   */
  setValue(at, value) {
    this.set(withValue(this.view, this.state, at, value));
  }

  /** @param {import("./views/view.js").Values} values of the view's settings */
  setValues(values) {
    this.set({ values: { ...this.state.values, [this.view.id]: values } });
  }

  /** @param {Readonly<Zoom>} zoom */
  setZoom(zoom) {
    this.zoom = zoom;
    this.changed();
  }

  /** @param {number} frame */
  seek(frame) {
    const before = this.clock.frame;
    this.clock.seek(frame);
    if (this.clock.frame !== before) this.direction = this.clock.frame > before ? 1 : -1;
    this.changed();
  }

  /** @param {1 | -1} step */
  step(step) {
    this.clock.step(step);
    this.direction = step;
    this.changed();
  }

  toggle() {
    if (this.clock.playing) this.clock.pause();
    else this.clock.play(1, performance.now());
    this.direction = 1;
    this.changed();
  }

  pause() {
    this.clock.pause();
    this.changed();
  }

  /** @param {1 | -1} direction */
  shuttle(direction) {
    this.clock.shuttle(direction, performance.now());
    this.direction = direction;
    this.changed();
  }

  setIn() {
    this.clock.setIn(this.clock.frame);
    this.clock.looping = true;
    this.changed();
  }

  setOut() {
    this.clock.setOut(this.clock.frame);
    this.clock.looping = true;
    this.changed();
  }

  /** @param {readonly [number, number] | null} range loop over it, both ends included; null ends the loop */
  setRange(range) {
    this.clock.setIn(range?.[0] ?? null);
    this.clock.setOut(range?.[1] ?? null);
    this.clock.looping = range !== null;
    this.changed();
  }

  /** Loop on or off; off forgets in and out. */
  toggleLoop() {
    this.clock.looping = !this.clock.looping;
    if (!this.clock.looping) {
      this.clock.setIn(null);
      this.clock.setOut(null);
    }
    this.changed();
  }
}
