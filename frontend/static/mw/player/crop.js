/** A part of a picture, in the same memory. */

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./views/view.js").Place} Place */
/** @typedef {{picture: Picture, left: number, top: number}} Crop `left` and `top`: which pixel of the whole is its first */

/** Pixels around the part that come along, so that the chroma at its rim has the neighbours that it has in the whole. */
const MARGIN = 2;

/** @type {WeakMap<Picture, Map<string, Crop>>} whoever draws knows a picture by its identity */
const made = new WeakMap();

/**
 * @param {Picture} picture
 * @param {Place["box"]} box in its pixels
 * @returns {Crop} the box and a little around it
 */
export function cropOf(picture, box) {
  const known = made.get(picture) ?? new Map();
  made.set(picture, known);
  const key = box.join(" ");
  const crop = known.get(key) ?? cut(picture, box);
  known.set(key, crop);
  return crop;
}

/**
 * @param {Picture} picture
 * @param {Place["box"]} box
 * @returns {Crop}
 */
function cut(picture, [x, y, width, height]) {
  // Even, because two rows and columns share their chroma.
  const before = (/** @type {number} */ at) => Math.max(0, at - MARGIN) & ~1;
  const after = (/** @type {number} */ at, /** @type {number} */ end) => Math.min(end, (at + MARGIN + 1) & ~1);
  const [left, top] = [before(x), before(y)];
  const [right, bottom] = [after(x + width, picture.width), after(y + height, picture.height)];
  const planes = picture.planes.map(({ offset, stride }, plane) => ({ offset: offset + startIn(picture, plane, left, top, stride), stride }));
  const part = { ...picture, width: right - left, height: bottom - top, planes, bytes: 0 };
  delete part.bitmap;
  delete part.rgba;
  return { picture: part, left, top };
}

/**
 * @param {Picture} picture
 * @param {number} plane
 * @param {number} left
 * @param {number} top
 * @param {number} stride
 */
function startIn({ format }, plane, left, top, stride) {
  if (plane > 0) return (top / 2) * stride + (format === "nv12" ? left : left / 2);
  return top * stride + left * (format === "rgba" ? 4 : 1);
}
