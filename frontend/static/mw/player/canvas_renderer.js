/**
 * All panes on one 2D canvas, for machines without a graphics card. Pictures come as bitmaps; what a
 * view makes of several is painted by its JavaScript.
 */
import { rgbaOf } from "./rgba.js";
import { seenOf } from "./seen.js";
import { Sheet } from "./sheet.js";
import { AS_IT_IS } from "./views/view.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */
/** @typedef {import("./views/view.js").Size} Size */

/** Pictures whose bytes are kept, for views that look at a frame and its neighbours. */
const BYTES_KEPT = 12;

/**
 * Every pixel of a pane, unscaled.
 * @param {Pick<DrawnPane, "size" | "inputs" | "view" | "values">} pane
 * @param {(picture: Picture) => Uint8ClampedArray<ArrayBuffer>} [bytesOf]
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA rows
 */
export function shadedPixels(pane, bytesOf = rgbaOf) {
  const out = new Uint8ClampedArray(pane.size.width * pane.size.height * 4);
  paintPane(pane, new Uint32Array(out.buffer), bytesOf);
  return out;
}

/**
 * @param {Pick<DrawnPane, "size" | "inputs" | "view" | "values">} pane
 * @param {Uint32Array} out every pixel of it is written
 * @param {(picture: Picture) => Uint8ClampedArray<ArrayBuffer>} bytesOf
 */
function paintPane({ size, inputs, view, values }, out, bytesOf) {
  const [a, b, c] = inputs.map((input) => sized(input.picture, new Uint32Array(bytesOf(input.picture).buffer), size, seenOf(input, size)));
  if (a) view.paint({ a, b: b ?? a, c: c ?? a }, out, values, size);
}

/**
 * A layer of another size is read at the nearest pixel.
 * @param {Size} from
 * @param {Uint32Array} words
 * @param {Size} to
 * @param {import("./seen.js").Seen} seen
 */
function sized(from, words, to, seen) {
  if (from.width === to.width && from.height === to.height) return words;
  const out = new Uint32Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const row = Math.floor((seen.top + ((y + 0.5) / to.height) * seen.height) * from.height) * from.width;
    for (let x = 0; x < to.width; x++) {
      const column = Math.floor((seen.left + ((x + 0.5) / to.width) * seen.width) * from.width);
      out[y * to.width + x] = words[row + column] ?? 0;
    }
  }
  return out;
}

export class CanvasRenderer {
  kind = "2d";
  #canvas;
  #context;
  /** @type {Map<number, {key: readonly unknown[], sheet: Sheet}>} by pane */ #shaded = new Map();
  /** @type {Map<Picture, Uint8ClampedArray<ArrayBuffer>>} oldest use first */ #bytes = new Map();

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
    panes.forEach((pane, number) => {
      const { rect, placed, size } = pane;
      context.save();
      context.beginPath();
      context.rect(rect.left, rect.top, rect.width, rect.height);
      context.clip();
      context.imageSmoothingEnabled = placed.scale < 1;
      // Mipmaps of every picture anew cost more than they show where little is reduced.
      context.imageSmoothingQuality = placed.scale < 0.5 ? "medium" : "low";
      const [width, height] = [size.width * placed.scale, size.height * placed.scale];
      context.drawImage(this.#picture(pane, number), rect.left + placed.left, rect.top + placed.top, width, height);
      context.restore();
    });
  }

  close() {
    this.#shaded.clear();
    this.#bytes.clear();
  }

  /**
   * @param {DrawnPane} pane
   * @param {number} number
   * @returns {CanvasImageSource}
   */
  #picture(pane, number) {
    const [first] = pane.inputs;
    const asItIs = pane.view.glsl === AS_IT_IS;
    if (asItIs && first?.picture.bitmap) return first.picture.bitmap;
    const key = [...pane.inputs.map(({ picture }) => picture), asItIs || pane.view, ...pane.values];
    const held = this.#shaded.get(number);
    if (held && held.key.length === key.length && held.key.every((part, at) => part === key[at])) return held.sheet.canvas;
    const size = asItIs && first ? first.picture : pane.size;
    const sheet = held?.sheet.fits(size) ? held.sheet : new Sheet(size);
    if (asItIs && first) sheet.pixels.set(rgbaOf(first.picture));
    else paintPane(pane, sheet.words, (picture) => this.#bytesOf(picture));
    sheet.spread();
    this.#shaded.set(number, { key, sheet });
    return sheet.canvas;
  }

  /** @param {Picture} picture */
  #bytesOf(picture) {
    if (picture.rgba) return picture.rgba;
    const bytes = this.#bytes.get(picture) ?? rgbaOf(picture);
    this.#bytes.delete(picture);
    this.#bytes.set(picture, bytes);
    const [oldest] = this.#bytes.keys();
    if (oldest && this.#bytes.size > BYTES_KEPT) this.#bytes.delete(oldest);
    return bytes;
  }
}
