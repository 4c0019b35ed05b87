/**
 * One decoded frame of one stream, as bytes. Planes are kept instead of browser frame objects:
 * the stored value of a mask is then read as it was written, on any graphics driver, a decoder is
 * never starved of its own buffers, and memory is counted exactly.
 */

/**
 * @typedef {object} Picture
 * @property {"gray" | "i420" | "nv12" | "rgba"} format
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} data
 * @property {readonly {offset: number, stride: number}[]} planes
 * @property {Matrix} matrix from Y, Cb, Cr to R, G, B; unused for gray and rgba
 * @property {number} bytes of the planes
 * @property {number} frame its number, written on it where it was decoded; -1 for one that is no frame of a clip
 * @property {ImageBitmap} [bitmap] the same picture ready to be drawn, where that is faster
 * @property {Uint8ClampedArray<ArrayBuffer>} [rgba] the same picture as rgbaOf() gives it, where a view works on its pixels;
 *   nobody writes into it
 *
 * Rows r, g, b of [Y, Cb, Cr, constant], all on a scale of 0 to 255.
 * @typedef {readonly (readonly [number, number, number, number])[]} Matrix
 * @typedef {readonly [FixedRow, FixedRow, FixedRow]} FixedMatrix
 * @typedef {readonly [number, number, number, number]} FixedRow
 */

/**
 * @param {number} kr
 * @param {number} kb
 * @param {boolean} full
 * @returns {Matrix} ITU-T H.273 eq. 38 to 43, solved for R, G, B
 */
function matrixOf(kr, kb, full) {
  const kg = 1 - kr - kb;
  const luma = full ? 1 : 255 / 219;
  const chroma = full ? 1 : 255 / 224;
  const black = full ? 0 : 16;
  const red = 2 * (1 - kr) * chroma;
  const blue = 2 * (1 - kb) * chroma;
  const greenBlue = (-blue * kb) / kg;
  const greenRed = (-red * kr) / kg;
  return [
    [luma, 0, red, -luma * black - red * 128],
    [luma, greenBlue, greenRed, -luma * black - (greenBlue + greenRed) * 128],
    [luma, blue, 0, -luma * black - blue * 128],
  ];
}

const BT709 = { full: matrixOf(0.2126, 0.0722, true), limited: matrixOf(0.2126, 0.0722, false) };
const BT601 = { full: matrixOf(0.299, 0.114, true), limited: matrixOf(0.299, 0.114, false) };

/**
 * @param {string | null | undefined} name as VideoColorSpace names it; unknown means bt709
 * @param {boolean} full
 */
export function matrixFor(name, full) {
  const family = name === "smpte170m" || name === "bt470bg" ? BT601 : BT709;
  return full ? family.full : family.limited;
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} data one byte per pixel, rows without gaps
 * @returns {Picture}
 */
export function grayPicture(width, height, data) {
  const planes = [{ offset: 0, stride: width }];
  return { format: "gray", width, height, data, planes, matrix: BT709.full, bytes: data.byteLength, frame: -1 };
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} data four bytes per pixel
 * @returns {Picture}
 */
export function rgbaPicture(width, height, data) {
  const planes = [{ offset: 0, stride: width * 4 }];
  return { format: "rgba", width, height, data, planes, matrix: BT709.full, bytes: data.byteLength, frame: -1 };
}

/**
 * What a pixel of the picture shows: for gray its stored value three times.
 * @param {Picture} picture
 * @param {number} x
 * @param {number} y
 * @returns {[number, number, number]} 0 to 255, whole
 */
export function pixelAt(picture, x, y) {
  const { data, planes, matrix } = picture;
  const first = /** @type {{offset: number, stride: number}} */ (planes[0]);
  if (picture.format === "gray") {
    const value = data[first.offset + y * first.stride + x] ?? 0;
    return [value, value, value];
  }
  if (picture.format === "rgba") {
    const at = first.offset + y * first.stride + x * 4;
    return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
  }
  const luma = data[first.offset + y * first.stride + x] ?? 0;
  const [cb, cr] = chromaAt(picture, x, y);
  const channels = fixedOf(matrix).map(([a, b, c, d]) => Math.max(0, Math.min(255, (a * luma + b * cb + c * cr + d) >> 16)));
  return /** @type {[number, number, number]} */ (channels);
}

/** @type {WeakMap<Matrix, FixedMatrix>} */
const fixed = new WeakMap();

/**
 * The matrix in whole numbers of 1/65536, for chroma in eighths, rounding included. Whole numbers give
 * the same value wherever they are computed, and three times as fast as fractions.
 * @param {Matrix} matrix
 * @returns {FixedMatrix}
 */
export function fixedOf(matrix) {
  const known = fixed.get(matrix);
  if (known) return known;
  const rows = matrix.map(([a, b, c, d]) => [a * 65536, b * 8192, c * 8192, d * 65536 + 32768].map(Math.round));
  const made = /** @type {FixedMatrix} */ (/** @type {unknown} */ (rows));
  fixed.set(matrix, made);
  return made;
}

/**
 * Chroma of a 4:2:0 picture in eighths, interpolated. H.264 places it level with even columns and half
 * way between two rows (chroma_sample_loc_type 0).
 * @param {Picture} picture
 * @param {number} x
 * @param {number} y
 */
function chromaAt(picture, x, y) {
  const right = (picture.width >> 1) - 1;
  const bottom = (picture.height >> 1) - 1;
  const left = x >> 1;
  const near = Math.min(left + (x & 1), right);
  const row = y >> 1;
  const other = Math.max(0, Math.min(bottom, y & 1 ? row + 1 : row - 1));
  const between = (/** @type {0 | 1} */ channel) =>
    3 * (sample(picture, channel, left, row) + sample(picture, channel, near, row)) +
    sample(picture, channel, left, other) +
    sample(picture, channel, near, other);
  return /** @type {const} */ ([between(0), between(1)]);
}

/**
 * @param {Picture} picture
 * @param {0 | 1} channel Cb or Cr
 * @param {number} x
 * @param {number} y
 */
function sample({ format, data, planes }, channel, x, y) {
  const plane = format === "nv12" ? planes[1] : planes[1 + channel];
  if (!plane) return 128;
  const at = format === "nv12" ? 2 * x + channel : x;
  return data[plane.offset + y * plane.stride + at] ?? 128;
}
