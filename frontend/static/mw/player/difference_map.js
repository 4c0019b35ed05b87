/**
 * Where two pictures of a pair differ, and whether the object explains it: what hangs together with
 * the object is its shadow or its reflection, what does not is a fault. The rules of the metric
 * `unexplained` of the server, at full size.
 */
import { grayPicture } from "./picture.js";
import { rgbaOf } from "./rgba.js";

/** @typedef {import("./picture.js").Picture} Picture */

/** Values of the map. */
export const SAME = 0;
export const OBJECT = 85;
export const CONNECTED = 170;
export const UNEXPLAINED = 255;

/** Levels that two encodings of the same picture may differ by, in the mean of 3 x 3 pixels. */
const CODEC = 9;
/** How far beyond the object's own pixels it still is the object, at a longer side of SMALL pixels. */
const REACH = 5;
const SMALL = 480;

/**
 * @param {Picture} full
 * @param {Picture} removed of the same size
 * @param {Uint8Array} covered 1 where the object is
 * @returns {Picture} gray, with the four values above
 */
export function differenceMap(full, removed, covered) {
  const { width, height } = full;
  const reach = Math.max(1, Math.round((REACH * Math.max(width, height)) / SMALL));
  const near = grown(covered, width, height, reach);
  const map = differing(new Uint32Array(rgbaOf(full).buffer), new Uint32Array(rgbaOf(removed).buffer), width, height);
  // What differs may be reached from the object; until then nothing explains it.
  /** @type {number[]} */
  const edge = [];
  for (let at = 0; at < map.length; at++) {
    if (!near[at]) continue;
    map[at] = OBJECT;
    edge.push(at);
  }
  connect(map, edge, width, height);
  return { ...grayPicture(width, height, map), frame: full.frame };
}

/**
 * @param {Picture} map
 * @returns {number} share of the frame, %, that nothing explains
 */
export function unexplainedShare({ data }) {
  let pixels = 0;
  for (const value of data) if (value === UNEXPLAINED) pixels++;
  return (100 * pixels) / data.length;
}

/**
 * Mark what hangs together with the object, corner to corner included.
 * @param {Uint8Array} map
 * @param {number[]} edge pixels to look around, used up
 * @param {number} width
 * @param {number} height
 */
function connect(map, edge, width, height) {
  for (let at = edge.pop(); at !== undefined; at = edge.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const beside = row * width + column;
        if (map[beside] !== UNEXPLAINED) continue;
        map[beside] = CONNECTED;
        edge.push(beside);
      }
    }
  }
}

/**
 * @param {Uint32Array} full a pixel per word
 * @param {Uint32Array} removed
 * @param {number} width
 * @param {number} height
 * @returns {Uint8Array} UNEXPLAINED where the mean of 3 x 3 pixels differs in a channel, else SAME
 */
function differing(full, removed, width, height) {
  const out = new Uint8Array(width * height);
  const signed = new Int16Array(width * height);
  const across = new Int16Array(width * height);
  for (const shift of [0, 8, 16]) {
    for (let at = 0; at < signed.length; at++) signed[at] = (((full[at] ?? 0) >> shift) & 255) - (((removed[at] ?? 0) >> shift) & 255);
    sumAcross(signed, across, width, height);
    for (let y = 0; y < height; y++) {
      const above = (y > 0 ? y - 1 : Math.min(1, height - 1)) * width;
      const below = (y < height - 1 ? y + 1 : Math.max(0, height - 2)) * width;
      for (let x = 0, at = y * width; x < width; x++, at++) {
        const sum = (across[above + x] ?? 0) + (across[at] ?? 0) + (across[below + x] ?? 0);
        // The mean rounded, as the metric has it.
        if (Math.abs(sum) >= 9 * CODEC + 5) out[at] = UNEXPLAINED;
      }
    }
  }
  return out;
}

/**
 * Sums of three pixels of a row; at its ends the row is mirrored.
 * @param {Int16Array} values
 * @param {Int16Array} out
 * @param {number} width
 * @param {number} height
 */
function sumAcross(values, out, width, height) {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const left = values[x > 0 ? at - 1 : Math.min(at + 1, at + width - 1)] ?? 0;
      const right = values[x < width - 1 ? at + 1 : Math.max(at - 1, 0)] ?? 0;
      out[at] = left + (values[at] ?? 0) + right;
    }
  }
}

/**
 * @param {Uint8Array} covered 0 or 1
 * @param {number} width
 * @param {number} height
 * @param {number} reach
 * @returns {Uint8Array} 1 within a square of `reach` pixels on each side of what is covered
 */
function grown(covered, width, height, reach) {
  return spread(spread(covered, width, height, reach, 1, width), height, width, reach, width, 1);
}

/**
 * @param {Uint8Array} covered
 * @param {number} length of a line
 * @param {number} lines
 * @param {number} reach
 * @param {number} step from pixel to pixel of a line
 * @param {number} next from line to line
 */
function spread(covered, length, lines, reach, step, next) {
  const out = new Uint8Array(covered.length);
  for (let line = 0; line < lines; line++) {
    let last = -Infinity;
    for (let at = 0; at < length; at++) {
      if (covered[line * next + at * step]) last = at;
      if (at - last <= reach) out[line * next + at * step] = 1;
    }
    last = Infinity;
    for (let at = length - 1; at >= 0; at--) {
      if (covered[line * next + at * step]) last = at;
      if (last - at <= reach) out[line * next + at * step] = 1;
    }
  }
  return out;
}
