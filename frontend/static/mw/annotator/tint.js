/** A mask as coloured pixels. */

/** @typedef {import("./mask_store.js").Plane} Plane */
/** @typedef {"overlay" | "contour" | "alone"} Look */

/** Twelve colours that differ in hue and lightness, 0..255; objects take them in turn. */
export const COLOURS = /** @type {const} */ ([
  [255, 82, 82], [64, 156, 255], [255, 206, 58], [72, 214, 132], [208, 108, 255], [255, 140, 40],
  [60, 220, 224], [255, 120, 190], [170, 200, 60], [140, 130, 255], [214, 160, 110], [200, 200, 200],
]);

const SHARE = 0.5;

/**
 * @param {Plane} plane
 * @param {readonly [number, number, number]} colour
 * @param {Look} look
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA, straight alpha
 */
export function tinted({ width, height, alpha }, [red, green, blue], look) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let at = 0; at < alpha.length; at++) {
    const opacity = look === "contour" ? (isRim(alpha, width, height, at) ? 255 : 0) : Number(alpha[at]) * (look === "overlay" ? SHARE : 1);
    if (opacity === 0) continue;
    pixels[4 * at] = red;
    pixels[4 * at + 1] = green;
    pixels[4 * at + 2] = blue;
    pixels[4 * at + 3] = opacity;
  }
  return pixels;
}

/**
 * Just outside the object, so that its own edge stays free to be judged.
 * @param {Uint8ClampedArray} alpha
 * @param {number} width
 * @param {number} height
 * @param {number} at
 */
function isRim(alpha, width, height, at) {
  if (Number(alpha[at]) >= 128) return false;
  const x = at % width;
  const y = (at - x) / width;
  return (x > 0 && Number(alpha[at - 1]) >= 128) || (x < width - 1 && Number(alpha[at + 1]) >= 128)
    || (y > 0 && Number(alpha[at - width]) >= 128) || (y < height - 1 && Number(alpha[at + width]) >= 128);
}
