/**
 * What the person chooses to lie behind an object: another layer of the sample, or a video or still of its
 * project, which then runs along, frame by frame, from its first on.
 */
import { request } from "../lib/api.js";
import { gettext } from "../lib/text.js";
import { StreamSet } from "./stream_set.js";
import { FOOTAGE } from "./views/view.js";

/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./stream_set.js").Shown} Shown */

/**
 * @typedef {object} Choice
 * @property {string} label no two are alike
 * @property {string} [stream] of the sample
 * @property {string} [player] address of the layers of another video or still
 */

/** @type {Choice | null} what the next sample of this page begins with */
let last = null;

export class Footage {
  /** @type {StreamSet | null} */ #streams = null;
  #opening = new AbortController();
  #begun = false;

  /**
   * @param {PlayerModel} model
   * @param {{onChange: () => void, onError: (error: unknown) => void}} events
   * @param {AbortSignal} signal
   */
  constructor(model, events, signal) {
    this.model = model;
    this.events = events;
    signal.addEventListener("abort", () => this.#close(), { once: true });
    model.addEventListener("changed", () => void this.#begin(), { signal });
    void this.#begin();
  }

  /**
   * @param {string} words
   * @returns {Promise<Choice[]>} whose name contains the words: layers of the sample, then footage, newest first
   */
  async find(words) {
    const { layers, picked } = this.model;
    const colour = layers.streams.filter(({ name, kind }) => kind === "rgb" && name !== picked.a);
    // The full picture has the object in it, so it says least behind one.
    const own = colour.toSorted((one, other) => Number(one.name === "rgb_full") - Number(other.name === "rgb_full"));
    const choices = own.map(({ name, label }) => ({ label: `${label} · ${gettext("layer")}`, stream: name }));
    const asked = words.trim().toLowerCase();
    const named = choices.filter(({ label }) => label.toLowerCase().includes(asked));
    if (!layers.footage_url) return named;
    const answer = await request(`${layers.footage_url}?${new URLSearchParams({ q: words.trim() })}`);
    return [...named, .../** @type {Choice[]} */ (answer.footage)];
  }

  /** @param {Choice} choice */
  choose(choice) {
    this.#close();
    const { label, stream, player } = choice;
    this.model.set({ behind: { label, stream: stream ?? FOOTAGE } });
    if (!player) return;
    last = choice;
    this.#opening = new AbortController();
    void this.#open(player, this.#opening.signal).catch((error) => this.events.onError(error));
  }

  /**
   * @param {number} frame of the sample
   * @param {1 | -1} direction
   */
  want(frame, direction) {
    if (!this.#isNeeded || !this.#streams) return;
    this.#streams.prepare(new Set(this.#streams.layers.streams.map(({ name }) => name)));
    this.#streams.want(this.#frameAt(frame), direction);
  }

  /**
   * @param {Shown} shown
   * @returns {Shown | null} with what lies behind; null while that frame of it is not there
   */
  apply(shown) {
    if (!this.#isNeeded || !this.#streams) return shown;
    const name = this.#streams.layers.streams[0]?.name ?? "";
    const picture = this.#streams.at(this.#frameAt(shown.frame))?.get(name, 0);
    if (!picture) return null;
    return { frame: shown.frame, get: (stream, offset) => (stream === FOOTAGE ? picture : shown.get(stream, offset)) };
  }

  get #isNeeded() {
    const { view, state } = this.model;
    return state.behind?.stream === FOOTAGE && (view.behind?.(state) ?? false);
  }

  /** Shorter footage begins again. @param {number} frame */
  #frameAt(frame) {
    return frame % (this.#streams?.layers.frames ?? 1);
  }

  /** Choose something, the first time that a view wants it. */
  async #begin() {
    const { view, state } = this.model;
    if (this.#begun || !view.behind?.(state)) return;
    this.#begun = true;
    try {
      const first = last ?? (await this.find("")).at(0);
      if (first && !this.model.state.behind) this.choose(first);
    } catch (error) {
      this.events.onError(error);
    }
  }

  /**
   * @param {string} player
   * @param {AbortSignal} signal
   */
  async #open(player, signal) {
    const streams = await StreamSet.open(player, signal, 1).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (!streams || signal.aborted) return streams?.close();
    this.#streams = streams;
    streams.addEventListener("picture", () => this.events.onChange(), { signal });
    streams.addEventListener("failed", () => this.events.onError(streams.error), { signal });
    this.events.onChange();
  }

  #close() {
    this.#opening.abort();
    this.#streams?.close();
    this.#streams = null;
  }
}
