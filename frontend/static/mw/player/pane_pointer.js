/** Pointer and wheel over one pane: zoom, move the picture, drag the edge of a wipe, read a pixel. */

/** @typedef {import("./zoom_control.js").ZoomControl} ZoomControl */
/** @typedef {{x: number, y: number}} Point */

/** How near to the edge of a wipe, in CSS pixels, a drag takes hold of it. */
const GRIP = 10;
/** Wheel travel in CSS pixels for one zoom step: a notch of a mouse, some of a finger's way. */
const WHEEL_STEP = 80;
const LINE = 40;

export class PanePointer {
  #travel = 0;

  /**
   * @param {HTMLElement} box
   * @param {ZoomControl} zoom
   * @param {(pixel: Point | null) => void} onHover the picture's pixel under the pointer
   * @param {AbortSignal} signal
   */
  constructor(box, zoom, onHover, signal) {
    this.box = box;
    this.zoom = zoom;
    box.addEventListener("wheel", (event) => this.#onWheel(event), { signal, passive: false });
    box.addEventListener("pointerdown", (event) => this.#onDown(event), { signal });
    box.addEventListener("pointerleave", () => onHover(null), { signal });
    box.addEventListener("pointermove", (event) => {
      box.classList.toggle("gripping", this.#isOnEdge(event));
      onHover(zoom.pixelUnder(this.#at(event)));
    }, { signal });
  }

  /** @param {PointerEvent | WheelEvent} event */
  #at(event) {
    const { left, top } = this.box.getBoundingClientRect();
    return { x: (event.clientX - left) * devicePixelRatio, y: (event.clientY - top) * devicePixelRatio };
  }

  /** @param {WheelEvent} event */
  #onWheel(event) {
    event.preventDefault();
    this.#travel += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE;
    if (Math.abs(this.#travel) < WHEEL_STEP) return;
    this.zoom.step(this.#travel < 0 ? 1 : -1, this.#at(event));
    this.#travel = 0;
  }

  /** @param {PointerEvent} event */
  #isOnEdge(event) {
    if (!this.zoom.model.view.amount) return false;
    return Math.abs(this.#at(event).x - this.zoom.edge) < GRIP * devicePixelRatio;
  }

  /** @param {PointerEvent} down */
  #onDown(down) {
    if (down.button > 1) return;
    const wiping = this.#isOnEdge(down);
    let last = this.#at(down);
    const drag = new AbortController();
    const { signal } = drag;
    this.box.setPointerCapture(down.pointerId);
    this.box.addEventListener("pointermove", (event) => {
      const now = this.#at(event);
      if (wiping) this.zoom.moveEdge(now.x);
      else this.zoom.pan(now.x - last.x, now.y - last.y);
      last = now;
    }, { signal });
    for (const end of ["pointerup", "pointercancel"]) {
      this.box.addEventListener(end, () => drag.abort(), { signal });
    }
  }
}
