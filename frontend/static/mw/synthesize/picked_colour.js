/** The colour of a few pixels of a picture, and the place that is looked at; no document. */

/** @typedef {{x: number, y: number}} Place a pixel, from 0 */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{width: number, height: number, data: ArrayLike<number>}} Rgba like `ImageData` */

/** Pixels to each side that are averaged, so that the grain of one does not decide. */
export const AROUND = 2;

/** Pixels that an arrow key moves with Shift. */
const STRIDE = 10;

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {Rgba} picture
 * @param {Place} place
 * @returns {string} mean of the pixels around, as #rrggbb
 */
export function colourAround(picture, { x, y }) {
  const sums = [0, 0, 0];
  let count = 0;
  for (let row = Math.max(0, y - AROUND); row <= Math.min(picture.height - 1, y + AROUND); row++) {
    for (let column = Math.max(0, x - AROUND); column <= Math.min(picture.width - 1, x + AROUND); column++) {
      const at = 4 * (row * picture.width + column);
      for (let channel = 0; channel < 3; channel++) sums[channel] = (sums[channel] ?? 0) + (picture.data[at + channel] ?? 0);
      count++;
    }
  }
  return `#${sums.map((sum) => Math.round(sum / count).toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {Place} place
 * @param {{key: string, shiftKey: boolean}} pressed
 * @param {Size} size of the picture
 * @returns {Place | null} where that key leads, within the picture; null when it leads nowhere
 */
export function stepped({ x, y }, { key, shiftKey }, size) {
  const step = STEPS[key];
  if (!step) return null;
  const far = shiftKey ? STRIDE : 1;
  return inside({ x: x + far * step[0], y: y + far * step[1] }, size);
}

/**
 * @param {Place} place
 * @param {Size} size
 * @returns {Place}
 */
export function inside({ x, y }, { width, height }) {
  const within = (/** @type {number} */ at, /** @type {number} */ end) => Math.min(Math.max(0, Math.floor(at)), end - 1);
  return { x: within(x, width), y: within(y, height) };
}
