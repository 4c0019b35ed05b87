/** Where in the picture a zoomed pane looks: an outline of the whole, in it what is seen. Drag moves it. */
import { element } from "../lib/build.js";
import { gettext } from "../lib/text.js";

/** @typedef {import("./zoom_control.js").ZoomControl} ZoomControl */

/** Longest side in CSS pixels. */
const LENGTH = 48;
const HEIGHT = 26;

export class Minimap {
  #seen = element("i");
  #built = "";

  /**
   * @param {() => ZoomControl | null} zoom
   * @param {AbortSignal} signal
   */
  constructor(zoom, signal) {
    this.zoom = zoom;
    this.root = element("div", { class: "minimap", role: "img", "aria-label": gettext("The part of the picture that is seen"), hidden: true }, this.#seen);
    this.root.addEventListener("pointerdown", (event) => this.#drag(event), { signal });
  }

  refresh() {
    const seen = this.zoom()?.seen;
    this.root.hidden = !seen || (seen.width > 0.999 && seen.height > 0.999);
    const size = this.zoom()?.pictureSize;
    if (!seen || !size || this.root.hidden) return;
    const built = JSON.stringify([seen, size]);
    if (built === this.#built) return;
    this.#built = built;
    const scale = Math.min(LENGTH / size.width, HEIGHT / size.height);
    Object.assign(this.root.style, { width: `${size.width * scale}px`, height: `${size.height * scale}px` });
    const percent = (/** @type {number} */ share) => `${share * 100}%`;
    Object.assign(this.#seen.style, { left: percent(seen.left), top: percent(seen.top), width: percent(seen.width), height: percent(seen.height) });
  }

  /** @param {PointerEvent} down */
  #drag(down) {
    if (down.button !== 0) return;
    const { left, top, width, height } = this.root.getBoundingClientRect();
    const drag = new AbortController();
    const { signal } = drag;
    const look = (/** @type {PointerEvent} */ event) => this.zoom()?.lookAt((event.clientX - left) / width, (event.clientY - top) / height);
    this.root.setPointerCapture(down.pointerId);
    look(down);
    this.root.addEventListener("pointermove", look, { signal });
    for (const end of ["pointerup", "pointercancel"]) this.root.addEventListener(end, () => drag.abort(), { signal });
  }
}
