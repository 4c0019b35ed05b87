/** Zoom and pan of all panes, for keys, wheel and pointer alike. Points and distances are device pixels. */
import { FIT, nextStep, panBy, pixelUnder, place, STEPS, zoomTo } from "./transform.js";

/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./transform.js").Size} Size */
/** @typedef {{x: number, y: number}} Point in a pane */

export class ZoomControl {
  /**
   * @param {PlayerModel} model
   * @param {() => Size} paneSize of each pane; all are alike
   */
  constructor(model, paneSize) {
    this.model = model;
    this.paneSize = paneSize;
  }

  get pictureSize() {
    const { width, height } = this.model.layers;
    return { width, height };
  }

  /** Where the picture lies in a pane now. */
  get placed() {
    return place(this.model.zoom, this.paneSize(), this.pictureSize);
  }

  /**
   * @param {number} scale device pixels per picture pixel
   * @param {Point} [at] stays where it is; the middle if absent
   */
  to(scale, at) {
    const pane = this.paneSize();
    const fixed = at ?? { x: pane.width / 2, y: pane.height / 2 };
    this.model.setZoom(zoomTo(this.model.zoom, pane, this.pictureSize, scale, fixed));
  }

  /**
   * @param {1 | -1} direction
   * @param {Point} [at]
   */
  step(direction, at) {
    this.to(nextStep(this.placed.scale, direction), at);
  }

  fit() {
    this.model.setZoom(FIT);
  }

  /**
   * @param {number} dx that the picture moves to the right
   * @param {number} dy
   */
  pan(dx, dy) {
    this.model.setZoom(panBy(this.model.zoom, this.paneSize(), this.pictureSize, dx, dy));
  }

  /** The part of the picture that a pane shows, each number a share of the picture. */
  get seen() {
    const pane = this.paneSize();
    const { scale, left, top } = this.placed;
    const [width, height] = [this.pictureSize.width * scale, this.pictureSize.height * scale];
    const part = (/** @type {number} */ from, /** @type {number} */ room, /** @type {number} */ whole) => {
      const begin = Math.max(0, -from / whole);
      return [begin, Math.min(1, (room - from) / whole) - begin];
    };
    const [x = 0, w = 1] = part(left, pane.width, width);
    const [y = 0, h = 1] = part(top, pane.height, height);
    return { left: x, top: y, width: w, height: h };
  }

  /**
   * Bring a point of the picture into the middle; the scale stays.
   * @param {number} x share of its width
   * @param {number} y share of its height
   */
  lookAt(x, y) {
    const inside = (/** @type {number} */ share) => Math.max(0, Math.min(1, share));
    this.model.setZoom({ fit: false, scale: this.placed.scale, x: inside(x), y: inside(y) });
  }

  /**
   * Show a box of the picture as large as whole steps allow, at least at 100 %.
   * @param {readonly [x: number, y: number, width: number, height: number]} box pixels
   */
  showBox([x, y, width, height]) {
    const pane = this.paneSize();
    const most = Math.min(pane.width / width, pane.height / height);
    const scale = STEPS.filter((step) => step >= 1 && step <= most).at(-1) ?? 1;
    const size = this.pictureSize;
    this.model.setZoom({ fit: false, scale, x: (x + width / 2) / size.width, y: (y + height / 2) / size.height });
  }

  /** @param {Point} at */
  pixelUnder(at) {
    return pixelUnder(this.model.zoom, this.paneSize(), this.pictureSize, at);
  }

  /**
   * @param {Point} at
   * @returns {Point} in pixels of the picture, also beside it
   */
  pointUnder(at) {
    const { scale, left, top } = this.placed;
    return { x: (at.x - left) / scale, y: (at.y - top) / scale };
  }
}
