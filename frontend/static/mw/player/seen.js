/** How much of a picture is seen in a pane of another size. */

/** @typedef {import("./views/view.js").Size} Size */
/** @typedef {{left: number, top: number, width: number, height: number}} Seen each a share of the picture */

export const WHOLE = /** @type {Readonly<Seen>} */ ({ left: 0, top: 0, width: 1, height: 1 });

/**
 * A layer of another size is stretched to the pane; what covers it keeps its shape and loses its edges.
 * @param {{picture: Size, covers?: boolean | undefined}} input
 * @param {Size} size of the pane's picture
 * @returns {Readonly<Seen>}
 */
export function seenOf({ picture, covers }, size) {
  if (!covers) return WHOLE;
  const scale = Math.max(size.width / picture.width, size.height / picture.height);
  const width = size.width / (picture.width * scale);
  const height = size.height / (picture.height * scale);
  return { left: (1 - width) / 2, top: (1 - height) / 2, width, height };
}
