/** Zoom and pan of all panes, for keys, wheel and pointer alike. Points and distances are device pixels. */
import { FIT, nextStep, panBy, pixelUnder, place, zoomTo } from "./transform.js";

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
