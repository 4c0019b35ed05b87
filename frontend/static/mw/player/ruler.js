/** Frame numbers along the clip. Click jumps, drag scrubs, arrows step. */
import { element } from "../lib/build.js";
import { gettext } from "../lib/text.js";

/** @typedef {import("./model.js").PlayerModel} PlayerModel */

const SVG = "http://www.w3.org/2000/svg";
/** Room that one label needs, in CSS pixels. */
const LABEL_ROOM = 46;
const INTERVALS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/**
 * @param {number} frames
 * @param {number} width CSS pixels
 * @returns {number} frames between two labels
 */
export function labelInterval(frames, width) {
  const most = Math.max(1, Math.floor(width / LABEL_ROOM));
  return INTERVALS.find((interval) => frames / interval <= most) ?? frames;
}

export class Ruler {
  #ticks = document.createElementNS(SVG, "svg");
  #labels = element("div", { "aria-hidden": "true" });
  #built = "";

  /**
   * @param {PlayerModel} model
   * @param {AbortSignal} signal
   */
  constructor(model, signal) {
    this.model = model;
    this.root = element(
      "div",
      { class: "ruler", role: "slider", tabindex: 0, "aria-label": gettext("Frame"), "aria-valuemin": 0, "aria-valuemax": model.clock.last, "aria-valuenow": 0 },
      this.#labels,
    );
    this.#ticks.setAttribute("preserveAspectRatio", "none");
    this.#ticks.setAttribute("aria-hidden", "true");
    this.root.prepend(this.#ticks);
    this.root.addEventListener("pointerdown", (event) => this.#scrub(event), { signal });
    this.root.addEventListener("keydown", (event) => this.#onKey(event), { signal });
  }

  /** @param {number} onScreen frame; -1 before the first */
  refresh(onScreen) {
    const frame = Math.max(0, onScreen);
    this.#build();
    this.root.setAttribute("aria-valuenow", String(frame));
    this.root.setAttribute("aria-valuetext", `${frame} / ${this.model.clock.last}`);
  }

  #build() {
    const { frames } = this.model.clock;
    const width = this.root.clientWidth;
    const interval = labelInterval(frames, width);
    const every = Math.max(1, interval / 5);
    const built = `${interval} ${width}`;
    if (built === this.#built || !width) return;
    this.#built = built;
    this.#ticks.setAttribute("viewBox", `0 0 ${frames} 10`);
    const path = document.createElementNS(SVG, "path");
    let d = "";
    for (let at = 0; at < frames; at += every) d += `M${at + 0.5} ${at % interval === 0 ? 2 : 6}V10`;
    path.setAttribute("d", d);
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("vector-effect", "non-scaling-stroke");
    this.#ticks.replaceChildren(path);
    this.#labels.replaceChildren();
    for (let at = 0; at < frames; at += interval) {
      const label = element("span", { class: "no" }, String(at));
      label.style.left = `${((at + 0.5) / frames) * 100}%`;
      this.#labels.append(label);
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { clock } = this.model;
    const targets = { ArrowLeft: clock.frame - 1, ArrowRight: clock.frame + 1, PageUp: clock.frame + 10, PageDown: clock.frame - 10, Home: 0, End: clock.last };
    const target = targets[/** @type {keyof typeof targets} */ (event.key)];
    if (target === undefined || event.shiftKey) return;
    event.preventDefault();
    this.model.pause();
    this.model.seek(target);
  }

  /** @param {PointerEvent} down */
  #scrub(down) {
    if (down.button !== 0) return;
    const { left, width } = this.root.getBoundingClientRect();
    const { frames } = this.model.clock;
    const drag = new AbortController();
    const { signal } = drag;
    const seek = (/** @type {PointerEvent} */ event) => this.model.seek(Math.floor(((event.clientX - left) / width) * frames));
    this.model.pause();
    this.root.setPointerCapture(down.pointerId);
    seek(down);
    this.root.addEventListener("pointermove", seek, { signal });
    for (const end of ["pointerup", "pointercancel"]) this.root.addEventListener(end, () => drag.abort(), { signal });
  }
}
