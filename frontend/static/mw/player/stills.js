/**
 * The paused frame as it is stored. `X` asks for it; where the browser decodes only a preview it comes
 * by itself as soon as the frame rests.
 */
import { hasStoredFrames, storedFrame, withStored } from "./exact.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./stream_set.js").Layers} Layers */
/** @typedef {import("./stream_set.js").Shown} Shown */

/** How long a frame has to rest before it is fetched unasked, in ms. */
const REST = 200;

export class Stills {
  /** @type {Map<string, Picture> | null} */ #pictures = null;
  /** @type {number | null} frame that is shown, fetched or waited for */ #frame = null;
  #fetching = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /**
   * @param {Layers} layers
   * @param {boolean} automatic whether a frame that rests is fetched unasked
   * @param {{onChange: () => void, onError: (error: unknown) => void}} events
   * @param {AbortSignal} signal
   */
  constructor(layers, automatic, events, signal) {
    this.layers = layers;
    this.automatic = automatic;
    this.events = events;
    signal.addEventListener("abort", () => this.#forget(), { once: true });
  }

  get possible() {
    return hasStoredFrames(this.layers.streams);
  }

  /** Whether what is on screen is what is stored. */
  get shown() {
    return this.#pictures !== null;
  }

  /**
   * Show the frame as it is stored, or, if it is shown so, its delivery again.
   * @param {number} frame
   */
  toggle(frame) {
    const back = this.shown && this.#frame === frame;
    this.#forget();
    if (back) this.events.onChange();
    else this.#fetch(frame);
  }

  /**
   * Another frame lets go of the stored one.
   * @param {number} frame on screen
   * @param {boolean} playing
   */
  rest(frame, playing) {
    if (this.#frame !== null && (frame !== this.#frame || playing)) this.#forget();
    if (!this.automatic || !this.possible || playing || frame < 0 || this.#frame !== null) return;
    this.#frame = frame;
    this.#timer = setTimeout(() => this.#fetch(frame), REST);
  }

  /**
   * @param {Shown} shown
   * @returns {Shown} with what is stored, where that is there
   */
  apply(shown) {
    return this.#pictures && shown.frame === this.#frame ? withStored(shown, this.#pictures) : shown;
  }

  /** @param {number} frame */
  #fetch(frame) {
    this.#frame = frame;
    this.#fetching = new AbortController();
    const { signal } = this.#fetching;
    storedFrame(this.layers.streams, frame, signal)
      .then((pictures) => {
        if (signal.aborted) return;
        this.#pictures = pictures;
        this.events.onChange();
      })
      .catch((error) => !signal.aborted && this.events.onError(error));
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#fetching.abort();
    this.#pictures = null;
    this.#frame = null;
  }
}
