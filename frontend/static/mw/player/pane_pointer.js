/** Pointer and wheel over one pane: zoom, move the picture, drag what the view lets be dragged, read a pixel. */

/** @typedef {import("./zoom_control.js").ZoomControl} ZoomControl */
/** @typedef {{x: number, y: number}} Point */

/** How near to the grip of a view, in CSS pixels, a drag takes hold of it. */
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
      box.classList.toggle("gripping", this.#isOnGrip(event));
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
  #isOnGrip(event) {
    const { model, placed, pictureSize } = this.zoom;
    const { grip } = model.view;
    if (!grip) return false;
    const away = grip.distance(this.zoom.pointUnder(this.#at(event)), model.values, pictureSize);
    return away * placed.scale < GRIP * devicePixelRatio;
  }

  /** @param {PointerEvent} event */
  #dragGrip(event) {
    const { model, pictureSize } = this.zoom;
    const { grip } = model.view;
    const move = event.shiftKey ? grip?.turn : grip?.drag;
    if (move) model.setValues(move(this.zoom.pointUnder(this.#at(event)), model.values, pictureSize));
  }

  /** @param {PointerEvent} down */
  #onDown(down) {
    if (down.button > 1) return;
    const gripping = this.#isOnGrip(down);
    let last = this.#at(down);
    const drag = new AbortController();
    const { signal } = drag;
    this.box.setPointerCapture(down.pointerId);
    this.box.addEventListener("pointermove", (event) => {
      const now = this.#at(event);
      if (gripping) this.#dragGrip(event);
      else this.zoom.pan(now.x - last.x, now.y - last.y);
      last = now;
    }, { signal });
    for (const end of ["pointerup", "pointercancel"]) {
      this.box.addEventListener(end, () => drag.abort(), { signal });
    }
  }
}
