/**
 * One zoom and pan for all panes. Scale is device pixels per picture pixel, so 1 is 100 %; the
 * centre is a point of the picture, 0 to 1, so panes of other sizes show the same place.
 */

/**
 * @typedef {{fit: boolean, scale: number, x: number, y: number}} Zoom
 * @typedef {{width: number, height: number}} Size
 */

export const FIT = /** @type {Readonly<Zoom>} */ ({ fit: true, scale: 1, x: 0.5, y: 0.5 });

/** Zooming goes from one of these to the next. */
export const STEPS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32];

/**
 * @param {Size} pane device pixels
 * @param {Size} picture
 */
export function fitScale(pane, picture) {
  return Math.max(0.01, Math.min(pane.width / picture.width, pane.height / picture.height));
}

/**
 * Where the picture lies in the pane: a whole one under its name, a zoomed one around its centre.
 * @param {Zoom} zoom
 * @param {Size} pane device pixels
 * @param {Size} picture
 * @returns {{scale: number, left: number, top: number}} device pixels; whole, so that pixels stay square
 */
export function place(zoom, pane, picture) {
  const scale = zoom.fit ? fitScale(pane, picture) : zoom.scale;
  const left = Math.round(pane.width / 2 - (zoom.fit ? 0.5 : zoom.x) * picture.width * scale);
  const top = zoom.fit ? 0 : Math.round(pane.height / 2 - zoom.y * picture.height * scale);
  return { scale, left, top };
}

/**
 * @param {Zoom} zoom
 * @param {Size} pane
 * @param {Size} picture
 * @param {number} scale to reach
 * @param {{x: number, y: number}} at device pixels in the pane; this point of the picture stays
 * @returns {Zoom}
 */
export function zoomTo(zoom, pane, picture, scale, at) {
  const now = place(zoom, pane, picture);
  const u = (at.x - now.left) / now.scale / picture.width;
  const v = (at.y - now.top) / now.scale / picture.height;
  const x = u - (at.x - pane.width / 2) / (picture.width * scale);
  const y = v - (at.y - pane.height / 2) / (picture.height * scale);
  return kept({ fit: false, scale, x, y });
}

/**
 * @param {number} scale
 * @param {1 | -1} direction
 */
export function nextStep(scale, direction) {
  const larger = STEPS.filter((step) => step > scale * 1.001);
  const smaller = STEPS.filter((step) => step < scale * 0.999);
  return (direction > 0 ? larger[0] : smaller.at(-1)) ?? scale;
}

/**
 * @param {Zoom} zoom
 * @param {Size} pane
 * @param {Size} picture
 * @param {number} dx device pixels that the picture moves to the right
 * @param {number} dy
 * @returns {Zoom}
 */
export function panBy(zoom, pane, picture, dx, dy) {
  const { scale, left, top } = place(zoom, pane, picture);
  const [width, height] = [picture.width * scale, picture.height * scale];
  // Read back from the placing only where there is no centre: it is rounded, which would add up.
  const x = zoom.fit ? (pane.width / 2 - left) / width : zoom.x;
  const y = zoom.fit ? (pane.height / 2 - top) / height : zoom.y;
  return kept({ fit: false, scale, x: x - dx / width, y: y - dy / height });
}

/**
 * @param {Zoom} zoom
 * @param {Size} pane
 * @param {Size} picture
 * @param {{x: number, y: number}} at device pixels in the pane
 * @returns {{x: number, y: number} | null} the picture's pixel, whole; null beside the picture
 */
export function pixelUnder(zoom, pane, picture, at) {
  const { scale, left, top } = place(zoom, pane, picture);
  const x = Math.floor((at.x - left) / scale);
  const y = Math.floor((at.y - top) / scale);
  return x >= 0 && y >= 0 && x < picture.width && y < picture.height ? { x, y } : null;
}

/**
 * How many columns show the pictures largest.
 * @param {number} panes
 * @param {Size} stage CSS pixels
 * @param {number} aspect width / height of a picture
 * @param {number} header height of the line above each picture
 */
export function bestColumns(panes, stage, aspect, header) {
  let best = 1;
  let widest = 0;
  for (let columns = 1; columns <= panes; columns++) {
    const width = stage.width / columns;
    const height = stage.height / Math.ceil(panes / columns) - header;
    const shown = Math.min(width, height * aspect);
    if (shown > widest + 1) [best, widest] = [columns, shown];
  }
  return best;
}

/** @param {Zoom} zoom */
function kept(zoom) {
  const inside = (/** @type {number} */ value) => Math.max(0, Math.min(1, value));
  return { ...zoom, x: inside(zoom.x), y: inside(zoom.y) };
}
