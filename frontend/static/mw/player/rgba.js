/** A whole picture as RGBA: the arithmetic of pixelAt() in picture.js, row by row. */
import { fixedOf } from "./picture.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./picture.js").FixedMatrix} FixedMatrix */

/** Bytes R, G, B, A from the lowest up, as little-endian machines keep them; browsers run on no other. */
const OPAQUE = 0xff000000;

/**
 * @param {Picture} picture
 * @returns {Uint8ClampedArray<ArrayBuffer>} rows without gaps, four bytes per pixel, opaque; only to be read
 */
export function rgbaOf(picture) {
  if (picture.rgba) return picture.rgba;
  const { width, height, format } = picture;
  const out = new Uint8ClampedArray(width * height * 4);
  if (format === "rgba") copyRows(picture, out);
  else if (format === "gray") spread(picture, out);
  else convert(picture, out);
  return out;
}

/**
 * @param {Picture} picture
 * @param {Uint8ClampedArray} out
 */
function copyRows({ width, height, data, planes }, out) {
  const { offset = 0, stride = width * 4 } = planes[0] ?? {};
  for (let y = 0; y < height; y++) out.set(data.subarray(offset + y * stride, offset + y * stride + width * 4), y * width * 4);
  for (let at = 3; at < out.length; at += 4) out[at] = 255;
}

/**
 * A stored value into R, G and B alike.
 * @param {Picture} picture
 * @param {Uint8ClampedArray<ArrayBuffer>} out
 */
function spread({ width, height, data, planes }, out) {
  const { offset = 0, stride = width } = planes[0] ?? {};
  const words = new Uint32Array(out.buffer);
  for (let y = 0; y < height; y++) {
    const row = offset + y * stride;
    for (let x = 0; x < width; x++) words[y * width + x] = (/** @type {number} */ (data[row + x]) * 0x010101) | OPAQUE;
  }
}

/**
 * @param {Picture} picture 4:2:0
 * @param {Uint8ClampedArray<ArrayBuffer>} out
 */
function convert({ width, height, format, data, planes, matrix }, out) {
  const words = new Uint32Array(out.buffer);
  const luma = /** @type {{offset: number, stride: number}} */ (planes[0]);
  const bottom = (height >> 1) - 1;
  const cb = new Int32Array((width >> 1) + 1);
  const cr = new Int32Array((width >> 1) + 1);
  const [blue, red, step] = format === "nv12" ? [planes[1], planes[1], 2] : [planes[1], planes[2], 1];
  for (let y = 0; y < height; y++) {
    const near = y >> 1;
    const other = Math.max(0, Math.min(bottom, y & 1 ? near + 1 : near - 1));
    mixRows(data, blue, step, 0, near, other, cb);
    mixRows(data, red, step, step - 1, near, other, cr);
    convertRow(data, luma.offset + y * luma.stride, cb, cr, fixedOf(matrix), words, y * width, width);
  }
}

/**
 * Luma counts alike for all three, red has no part of Cb and blue none of Cr (H.273, eq. 38 to 43).
 * @param {Uint8Array} data
 * @param {number} from where the row of luma begins
 * @param {Int32Array} cb in quarters, and one more than the row has
 * @param {Int32Array} cr
 * @param {FixedMatrix} matrix
 * @param {Uint32Array} words
 * @param {number} to
 * @param {number} width
 */
function convertRow(data, from, cb, cr, [[luma, , rv, r0], [, gu, gv, g0], [, bu, , b0]], words, to, width) {
  for (let x = 0; x < width; x++) {
    const at = x >> 1;
    const beside = at + (x & 1);
    const l = luma * (data[from + x] ?? 0);
    const u = (cb[at] ?? 0) + (cb[beside] ?? 0);
    const v = (cr[at] ?? 0) + (cr[beside] ?? 0);
    const r = (l + rv * v + r0) >> 16;
    const g = (l + gu * u + gv * v + g0) >> 16;
    const b = (l + bu * u + b0) >> 16;
    // Few colours leave the range, and then all three are looked at.
    if ((r | g | b) & ~255) words[to + x] = OPAQUE | (inside(b) << 16) | (inside(g) << 8) | inside(r);
    else words[to + x] = OPAQUE | (b << 16) | (g << 8) | r;
  }
}

/** @param {number} value */
function inside(value) {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/**
 * One row of chroma for a row of pixels, in quarters: three of the nearer one, one of the other. The
 * last value stands twice, so that the last odd pixel has a neighbour.
 * @param {Uint8Array} data
 * @param {{offset: number, stride: number} | undefined} plane
 * @param {number} step bytes from value to value
 * @param {number} first
 * @param {number} near
 * @param {number} other
 * @param {Int32Array} out
 */
function mixRows(data, plane, step, first, near, other, out) {
  const { offset = 0, stride = 0 } = plane ?? {};
  const count = out.length - 1;
  const a = offset + near * stride + first;
  const b = offset + other * stride + first;
  for (let x = 0; x < count; x++) out[x] = 3 * (data[a + x * step] ?? 0) + (data[b + x * step] ?? 0);
  out[count] = out[count - 1] ?? 0;
}
