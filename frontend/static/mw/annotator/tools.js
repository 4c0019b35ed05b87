/** The tool in hand and what a pointer does with it. */
import { Drag } from "./marks.js";

/** @typedef {import("./marks.js").Tool} Tool */
/** @typedef {import("./marks.js").Mark} Mark */
/** @typedef {import("../player/zoom_control.js").ZoomControl} ZoomControl */

const SMALLEST = 1;
const LARGEST = 400;

export class Tools extends EventTarget {
  /** @type {Tool} */ tool = "click";
  radius = 12;
  soft = 0.2;
  /** @type {Drag | null} */ drag = null;
  /** @type {{x: number, y: number} | null} where the pointer is, in pixels of the video */ at = null;

  /** @param {Tool} tool */
  choose(tool) {
    this.tool = tool;
    this.drag = null;
    this.dispatchEvent(new Event("changed"));
  }

  /** @param {number} factor */
  resize(factor) {
    this.radius = Math.min(LARGEST, Math.max(SMALLEST, this.radius * factor));
    this.dispatchEvent(new Event("changed"));
  }

  get painting() {
    return this.tool === "brush" || this.tool === "erase";
  }

  /**
   * Left speaks for the object, right or with Alt against it; the others move the picture.
   * @param {HTMLCanvasElement} canvas
   * @param {() => ZoomControl | null} zoom
   * @param {() => boolean} allowed
   * @param {(mark: Mark) => void} done
   * @param {AbortSignal} signal
   */
  listen(canvas, zoom, allowed, done, signal) {
    const point = (/** @type {PointerEvent} */ event) => {
      const { left, top } = canvas.getBoundingClientRect();
      const at = { x: (event.clientX - left) * devicePixelRatio, y: (event.clientY - top) * devicePixelRatio };
      const under = zoom()?.pointUnder(at) ?? at;
      return { x: under.x - 0.5, y: under.y - 0.5 };
    };
    canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    canvas.addEventListener("pointerdown", (event) => {
      if ((event.button !== 0 && event.button !== 2) || event.shiftKey || !allowed()) return;
      event.preventDefault();
      event.stopPropagation();
      canvas.setPointerCapture(event.pointerId);
      const scale = (zoom()?.placed.scale ?? 1) / devicePixelRatio;
      this.drag = new Drag(this.tool, event.button === 0 && !event.altKey, scale);
      this.drag.add(point(event), pressureOf(event));
      this.dispatchEvent(new Event("moved"));
    }, { signal });
    canvas.addEventListener("pointermove", (event) => {
      this.at = point(event);
      for (const one of this.drag ? event.getCoalescedEvents() : []) this.drag?.add(point(one), pressureOf(one));
      this.dispatchEvent(new Event("moved"));
    }, { signal });
    canvas.addEventListener("pointerleave", () => {
      this.at = null;
      this.dispatchEvent(new Event("moved"));
    }, { signal });
    canvas.addEventListener("pointercancel", () => (this.drag = null), { signal });
    canvas.addEventListener("pointerup", (event) => {
      const { drag } = this;
      if (!drag) return;
      drag.add(point(event), pressureOf(event));
      const mark = drag.mark(this);
      // What was drawn stays on screen until the mask is there.
      if (mark) done(mark);
      else this.drag = null;
      this.dispatchEvent(new Event("moved"));
    }, { signal });
  }
}

/** @param {PointerEvent} event */
function pressureOf(event) {
  return event.pointerType === "pen" ? event.pressure : undefined;
}
