/** How stored values become a mask, exactly as the server reads them. */

const SOFT_SHARE = 0.02; // mask_reading.SOFT_SHARE

/** @typedef {{polarity: "white" | "black", threshold: number | null, soft: boolean, cut: number}} Choice */

/**
 * Whether the rule keeps a mask soft.
 * @param {number} softShare
 * @param {number} cut a trimask is cut above 191, whatever its middle
 */
export function staysSoft(softShare, cut) {
  return softShare > SOFT_SHARE && cut !== 191;
}

/**
 * What each of the 256 stored values becomes.
 * @param {Choice} choice threshold null: by rule, which keeps a soft mask soft and cuts others above `cut`
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function readingTable({ polarity, threshold, soft, cut }) {
  const above = threshold ?? cut;
  return Uint8ClampedArray.from({ length: 256 }, (_, stored) => {
    const value = polarity === "black" ? 255 - stored : stored;
    return threshold === null && soft ? value : value > above ? 255 : 0;
  });
}

/**
 * @param {Uint8ClampedArray} pixels R, G, B, A with R = G = B; written in place
 * @param {Uint8ClampedArray} table
 * @returns {number} the mean share of the picture that is object, 0 to 1
 */
export function applyTable(pixels, table) {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const value = table[pixels[at] ?? 0] ?? 0;
    pixels[at] = pixels[at + 1] = pixels[at + 2] = value;
    pixels[at + 3] = 255;
    sum += value;
  }
  return pixels.length ? sum / (255 * (pixels.length / 4)) : 0;
}
