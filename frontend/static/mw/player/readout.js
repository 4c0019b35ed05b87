/**
 * The values under the pointer: what every stream shows there, and what it has stored there, which
 * the server reads out of the lossless master once the pointer rests.
 */
import { request } from "../lib/api.js";
import { gettext } from "../lib/text.js";
import { pixelAt } from "./picture.js";

/** @typedef {import("./stream_set.js").Layers} Layers */
/** @typedef {import("./stream_set.js").Shown} Shown */
/** @typedef {{x: number, y: number}} Point */

/**
 * @typedef {object} Reading
 * @property {string} name of the stream
 * @property {"rgb" | "gray"} kind
 * @property {readonly number[]} shown one value, or red, green and blue
 * @property {readonly number[] | null} stored null until it is known
 * @property {string} from "master", "original" or "delivery": which file the stored value is out of
 */

/** How long the pointer has to rest, in ms. */
const REST = 120;

export class Readout {
  /** @type {(Point & {offset: number}) | null} pixel of the picture, and frames from the one on show */ #at = null;
  /** @type {Shown | null} */ #shown = null;
  #asked = "";
  /** @type {Map<string, {value: number[], from: string}>} */ #stored = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #asking = new AbortController();

  /**
   * @param {Layers} layers
   * @param {() => void} onChange
   * @param {AbortSignal} signal
   */
  constructor(layers, onChange, signal) {
    this.layers = layers;
    this.onChange = onChange;
    signal.addEventListener("abort", () => this.#forget(), { once: true });
  }

  /**
   * @param {(Point & {offset: number}) | null} at
   * @param {Shown | null} shown
   * @param {boolean} resting whether nothing plays
   */
  look(at, shown, resting) {
    this.#at = at;
    this.#shown = shown;
    const place = at && shown && resting ? `${shown.frame + at.offset} ${at.x} ${at.y}` : "";
    if (place === this.#asked) return;
    this.#forget();
    this.#asked = place;
    if (place && this.layers.values_url) this.#timer = setTimeout(() => void this.#ask(), REST);
  }

  /** Where the pointer is, and on which frame; null while it is on no picture. */
  get place() {
    return this.#at && this.#shown ? { x: this.#at.x, y: this.#at.y, frame: this.#shown.frame + this.#at.offset } : null;
  }

  /** @returns {Reading[]} of all streams; empty while the pointer is on no picture */
  get readings() {
    return this.layers.streams.flatMap(({ name, kind }) => {
      const shown = this.#shownAt(name);
      if (!shown) return [];
      const stored = this.#stored.get(name);
      return [{ name, kind, shown: kind === "gray" ? shown.slice(0, 1) : shown, stored: stored?.value ?? null, from: stored?.from ?? "" }];
    });
  }

  /** @param {string} name */
  #shownAt(name) {
    const picture = this.#shown?.get(name, this.#at?.offset ?? 0);
    if (!this.#at || !picture) return null;
    const x = Math.floor(((this.#at.x + 0.5) / this.layers.width) * picture.width);
    const y = Math.floor(((this.#at.y + 0.5) / this.layers.height) * picture.height);
    return pixelAt(picture, x, y);
  }

  async #ask() {
    const place = this.place;
    if (!place) return;
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const query = new URLSearchParams({ frame: String(place.frame), x: String(place.x), y: String(place.y) });
    try {
      const answer = await request(`${this.layers.values_url}?${query}`, { signal });
      if (signal.aborted) return;
      for (const { name, value, from } of answer.layers) this.#stored.set(name, { value, from });
      this.onChange();
    } catch {
      // What is shown stays; a stored value that cannot be had is simply not there.
    }
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#stored.clear();
  }
}

/**
 * @param {Reading} reading
 * @returns {string} "148 · 0.580", or "182 181 177 preview · stored 183 181 176"
 */
export function readingText({ name, shown, stored }) {
  const values = shown.join(" ");
  const share = name === "alpha" ? ` · ${((shown[0] ?? 0) / 255).toFixed(3)}` : "";
  if (!stored) return values + share;
  const kept = stored.join(" ") || "–";
  const word = gettext("stored");
  return kept === values ? `${values}${share} = ${word}` : `${values}${share} ${gettext("preview")} · ${word} ${kept}`;
}
