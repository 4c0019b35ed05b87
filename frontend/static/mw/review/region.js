/**
 * Boxes on the pictures: one that is being drawn, or the one that a comment speaks of. Nothing lies
 * over a picture at rest: a box goes as soon as nobody points at its comment.
 */
import { element } from "../lib/build.js";

/** @typedef {[number, number, number, number]} Region left, top, width, height in pixels of the picture */
/** @typedef {{scale: number, left: number, top: number}} Placed device pixels, see zoom_control.js */
/** @typedef {{placed: Placed, pictureSize: {width: number, height: number}}} Zoom */
/** @typedef {HTMLElement & {zoom: Zoom | null}} Player */

/**
 * The box between two corners, inside the picture, at least one pixel.
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @param {{width: number, height: number}} size
 * @returns {Region}
 */
export function regionBetween(from, to, size) {
  const [left, right] = edges(from.x, to.x, size.width);
  const [top, bottom] = edges(from.y, to.y, size.height);
  return [left, top, right - left, bottom - top];
}

/**
 * @param {number} one
 * @param {number} other
 * @param {number} most
 * @returns {[number, number]} whole pixels
 */
function edges(one, other, most) {
  const low = Math.max(0, Math.min(most - 1, Math.floor(Math.min(one, other))));
  const high = Math.max(low + 1, Math.min(most, Math.ceil(Math.max(one, other))));
  return [low, high];
}

/**
 * Four whole numbers as people type them.
 * @param {string} text
 * @returns {Region | null} null for anything else
 */
export function regionOf(text) {
  const numbers = text.split(/[\s,;x]+/).filter(Boolean).map(Number);
  if (numbers.length !== 4 || numbers.some((number) => !Number.isInteger(number) || number < 0)) return null;
  return /** @type {Region} */ (numbers);
}

export class RegionLayer {
  /** @type {HTMLElement[]} */ #boxes = [];
  /** @type {AbortController | null} */ #drawing = null;

  /** @param {Player} player */
  constructor(player) {
    this.player = player;
  }

  /** @param {Region | null} region */
  show(region) {
    this.hide();
    const zoom = this.player.zoom;
    if (!region || !zoom) return;
    for (const pane of this.player.querySelectorAll(".pic")) {
      const box = element("i", { class: "region-box", "aria-hidden": "true" });
      placeBox(box, region, zoom.placed);
      pane.append(box);
      this.#boxes.push(box);
    }
  }

  hide() {
    for (const box of this.#boxes) box.remove();
    this.#boxes = [];
  }

  get drawing() {
    return this.#drawing !== null;
  }

  /**
   * Let the next drag over a picture draw a box; Escape ends it without one.
   * @param {(region: Region | null) => void} onDone
   */
  draw(onDone) {
    this.stop();
    const life = new AbortController();
    this.#drawing = life;
    this.player.classList.add("drawing-region");
    const done = (/** @type {Region | null} */ region) => {
      this.stop();
      onDone(region);
    };
    this.player.addEventListener("pointerdown", (event) => this.#down(event, done), { capture: true, signal: life.signal });
    document.addEventListener("keydown", (event) => event.key === "Escape" && done(null), { signal: life.signal });
  }

  stop() {
    this.#drawing?.abort();
    this.#drawing = null;
    this.player.classList.remove("drawing-region");
  }

  /**
   * @param {PointerEvent} down
   * @param {(region: Region | null) => void} done
   */
  #down(down, done) {
    const pane = down.target instanceof Element ? down.target.closest(".pic") : null;
    const zoom = this.player.zoom;
    if (!(pane instanceof HTMLElement) || !zoom || down.button !== 0) return;
    // The viewer must not pan with the same drag.
    down.preventDefault();
    down.stopPropagation();
    const from = pixelAt(pane, zoom.placed, down);
    const drag = new AbortController();
    const { signal } = drag;
    let region = regionBetween(from, from, zoom.pictureSize);
    pane.setPointerCapture(down.pointerId);
    const follow = (/** @type {PointerEvent} */ event) => {
      event.stopPropagation();
      region = regionBetween(from, pixelAt(pane, zoom.placed, event), zoom.pictureSize);
      this.show(region);
    };
    const end = (/** @type {PointerEvent} */ event) => {
      event.stopPropagation();
      drag.abort();
      done(event.type === "pointerup" ? region : null);
    };
    pane.addEventListener("pointermove", follow, { capture: true, signal });
    pane.addEventListener("pointerup", end, { capture: true, signal });
    pane.addEventListener("pointercancel", end, { capture: true, signal });
  }
}

/**
 * @param {HTMLElement} box
 * @param {Region} region
 * @param {Placed} placed
 */
function placeBox(box, [left, top, width, height], placed) {
  const pixels = (/** @type {number} */ device) => `${device / devicePixelRatio}px`;
  box.style.left = pixels(placed.left + left * placed.scale);
  box.style.top = pixels(placed.top + top * placed.scale);
  box.style.width = pixels(width * placed.scale);
  box.style.height = pixels(height * placed.scale);
}

/**
 * @param {HTMLElement} pane
 * @param {Placed} placed
 * @param {{clientX: number, clientY: number}} event
 */
function pixelAt(pane, placed, event) {
  const box = pane.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) * devicePixelRatio - placed.left) / placed.scale,
    y: ((event.clientY - box.top) * devicePixelRatio - placed.top) / placed.scale,
  };
}
