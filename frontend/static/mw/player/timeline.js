/**
 * Everything that runs along the clip, on one scale: the ruler, under it the strips that a page puts
 * there, and the playhead over both. See docs/frontend.md for what a row of strips looks like.
 */
import { element } from "../lib/build.js";
import { Ruler } from "./ruler.js";

/** @typedef {import("./model.js").PlayerModel} PlayerModel */

export class Timeline {
  #head = element("i", { class: "playhead" });
  #range = element("i", { class: "range", hidden: true });

  /**
   * @param {PlayerModel} model
   * @param {HTMLElement} strips stays the same while one sample follows the other
   * @param {AbortSignal} signal
   */
  constructor(model, strips, signal) {
    this.model = model;
    this.ruler = new Ruler(model, signal);
    const over = element("div", { class: "over", "aria-hidden": "true" }, this.#range, this.#head);
    this.root = element("div", { class: "timeline" }, this.ruler.root, strips, over);
  }

  /**
   * @param {number} clientX
   * @returns {number} the frame there, inside the clip
   */
  frameAt(clientX) {
    const { left, width } = this.ruler.root.getBoundingClientRect();
    const { frames, last } = this.model.clock;
    return Math.max(0, Math.min(last, Math.floor(((clientX - left) / width) * frames)));
  }

  /** @param {number} frame on screen; -1 before the first */
  refresh(frame) {
    const { clock } = this.model;
    this.ruler.refresh(frame);
    this.#head.hidden = frame < 0;
    this.#head.style.left = `${((frame + 0.5) / clock.frames) * 100}%`;
    const [from, to] = clock.range;
    this.#range.hidden = !clock.looping;
    if (this.#range.hidden) return;
    this.#range.style.left = `${(from / clock.frames) * 100}%`;
    this.#range.style.width = `${((to + 1 - from) / clock.frames) * 100}%`;
  }
}
