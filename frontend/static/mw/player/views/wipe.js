/** A on one side of the edge, B on the other. The edge is dragged; with Shift it is turned. */
import { gettext } from "../../lib/text.js";
import { PAIR, pairPane, twoStreams } from "./view.js";

/** @typedef {import("./view.js").Values} Values */
/** @typedef {import("./view.js").Point} Point */
/** @typedef {import("./view.js").Size} Size */

/**
 * The edge: points p, from the picture's centre, with p · (cos, sin) = distance. At 0 % and 100 % it
 * has left the picture, whatever its angle.
 * @param {Values} values per cent, degrees
 * @param {Size} size
 */
function edgeOf([percent, degrees], { width, height }) {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = Math.abs(width * cos) + Math.abs(height * sin);
  return { cos, sin, reach, distance: (percent / 100 - 0.5) * reach };
}

/**
 * How far beyond the edge a point lies, on B's side.
 * @param {Point} at
 * @param {Values} values
 * @param {Size} size
 */
function beyond(at, values, size) {
  const { cos, sin, distance } = edgeOf(values, size);
  return (at.x - size.width / 2) * cos + (at.y - size.height / 2) * sin - distance;
}

/**
 * Along a row the edge is crossed once at most.
 * @param {(x: number) => boolean} side
 * @param {number} width
 * @returns {number} the first pixel on the other side than pixel 0; `width` where there is none
 */
function changeOf(side, width) {
  const first = side(0);
  if (side(width - 1) === first) return width;
  let [low, high] = [0, width - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (side(middle) === first) low = middle;
    else high = middle;
  }
  return high;
}

/** @type {import("./view.js").View} */
export const wipe = {
  id: "wipe",
  label: gettext("Wipe"),
  icon: "wipe",
  keys: ["w"],
  offered: twoStreams,
  picks: PAIR,
  settings: [
    { label: gettext("Edge"), value: 50, least: 0, most: 100, unit: "%" },
    { label: gettext("Angle"), value: 0, least: -180, most: 180, unit: "°" },
  ],
  panes: (streams, picked) => [pairPane(streams, picked, (a, b) => `${a} | ${b}`)],
  glsl: `
    vec2 normal = vec2(cos(radians(values.y)), sin(radians(values.y)));
    float reach = dot(abs(normal), size);
    return dot((at - 0.5) * size, normal) < (values.x * 0.01 - 0.5) * reach ? a : b;`,
  paint: ({ a, b }, out, values, size) => {
    const { cos, sin, distance } = edgeOf(values, size);
    const { width, height } = size;
    for (let y = 0, row = 0; y < height; y++, row += width) {
      const down = (y + 0.5 - height / 2) * sin - distance;
      const isA = (/** @type {number} */ x) => (x + 0.5 - width / 2) * cos + down < 0;
      const change = changeOf(isA, width);
      const [left, right] = isA(0) ? [a, b] : [b, a];
      out.set(left.subarray(row, row + change), row);
      out.set(right.subarray(row + change, row + width), row + change);
    }
  },
  grip: {
    distance: (at, values, size) => Math.abs(beyond(at, values, size)),
    drag: (at, values, size) => {
      const moved = values[0] + (100 * beyond(at, values, size)) / edgeOf(values, size).reach;
      return [Math.max(0, Math.min(100, Math.round(moved * 10) / 10)), values[1], 0, 0];
    },
    turn: (at, values, { width, height }) => {
      // The edge follows the hand, so its normal stands across the way from the centre to there.
      const degrees = Math.round((Math.atan2(at.y - height / 2, at.x - width / 2) * 180) / Math.PI) - 90;
      return [values[0], degrees < -180 ? degrees + 360 : degrees, 0, 0];
    },
  },
};
