/** Where the pixels of a pane are put together, frame after frame in the same memory. */

/** @typedef {import("./views/view.js").Size} Size */

export class Sheet {
  #image;
  #context;

  /** @param {Size} size */
  constructor({ width, height }) {
    this.canvas = new OffscreenCanvas(width, height);
    this.#context = this.canvas.getContext("2d");
    this.#image = new ImageData(width, height);
    /** Four bytes per pixel. */
    this.pixels = this.#image.data;
    /** A number per pixel, of the same memory. */
    this.words = new Uint32Array(this.pixels.buffer);
  }

  /** @param {Size} size */
  fits({ width, height }) {
    return this.canvas.width === width && this.canvas.height === height;
  }

  /** Put what was written onto the canvas. */
  spread() {
    this.#context?.putImageData(this.#image, 0, 0);
  }
}
