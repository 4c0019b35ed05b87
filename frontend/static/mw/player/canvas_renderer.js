/** The same pictures without WebGL2: pixels by the views' JavaScript, scaled by a 2D canvas. */
import { pixelAt } from "./picture.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */

/**
 * Every pixel of a pane, unscaled.
 * @param {Pick<DrawnPane, "size" | "a" | "b" | "view" | "amount">} pane
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA rows
 */
export function shadedPixels({ size, a, b, view, amount }) {
  const { width, height } = size;
  const out = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = /** @type {const} */ ([(x + 0.5) / width, (y + 0.5) / height]);
      const first = pixelIn(a.picture, at);
      const [red, green, blue] = view.pixel(first, b ? pixelIn(b.picture, at) : first, at, amount);
      const to = (y * width + x) * 4;
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
      out[to + 3] = 255;
    }
  }
  return out;
}

/**
 * @param {Picture} picture
 * @param {readonly [number, number]} at 0 to 1
 */
function pixelIn(picture, [x, y]) {
  return pixelAt(picture, Math.floor(x * picture.width), Math.floor(y * picture.height));
}

export class CanvasRenderer {
  kind = "2d";
  #canvas;
  #context;
  /** @type {{key: readonly unknown[], drawn: OffscreenCanvas}[]} by pane */ #shaded = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser draws neither with WebGL2 nor on a 2D canvas");
    this.#canvas = canvas;
    this.#context = context;
  }

  /** @param {readonly DrawnPane[]} panes */
  draw(panes) {
    const context = this.#context;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#shaded.length = panes.length;
    panes.forEach((pane, number) => {
      const { rect, placed, size } = pane;
      context.save();
      context.beginPath();
      context.rect(rect.left, rect.top, rect.width, rect.height);
      context.clip();
      context.imageSmoothingEnabled = placed.scale < 1;
      context.imageSmoothingQuality = "high";
      const picture = this.#picture(pane, number);
      context.drawImage(picture, rect.left + placed.left, rect.top + placed.top, size.width * placed.scale, size.height * placed.scale);
      context.restore();
    });
  }

  close() {
    this.#shaded = [];
  }

  /**
   * @param {DrawnPane} pane
   * @param {number} number
   */
  #picture(pane, number) {
    const key = [pane.a.picture, pane.b?.picture, pane.view, pane.amount];
    const held = this.#shaded[number];
    if (held && held.key.every((part, at) => part === key[at])) return held.drawn;
    const { width, height } = pane.size;
    const drawn = new OffscreenCanvas(width, height);
    drawn.getContext("2d")?.putImageData(new ImageData(shadedPixels(pane), width, height), 0, 0);
    this.#shaded[number] = { key, drawn };
    return drawn;
  }
}
