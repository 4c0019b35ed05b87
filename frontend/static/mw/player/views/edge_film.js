/**
 * The hardest edges over time: a row for each, with the frames around the one on show beside each other,
 * a pixel of the picture on a pixel of the screen. What boils or jumps stands out without playing.
 */
import { gettext, interpolate } from "../../lib/text.js";
import { AS_IT_IS, LAYER, matteOf, streamNamed } from "./view.js";

/** Frames on either side, where there is room. */
const MOST = 8;
/** Between two cells at most, in device pixels. */
const GAP = 12;

/**
 * @param {number} room device pixels
 * @param {number} cell width of the widest
 * @returns {number} frames on either side of the one on show
 */
function reachOf(room, cell) {
  return Math.max(1, Math.min(MOST, Math.floor(((room + GAP) / (cell + GAP) - 1) / 2)));
}

/** @type {import("./view.js").View} */
export const edgeFilm = {
  id: "edge_film",
  label: gettext("Edge film"),
  icon: "film",
  keys: ["Shift+T"],
  offered: (streams, { edge_crops: crops = [] }) => crops.length > 0 && matteOf(streams) !== undefined,
  picks: LAYER,
  settings: [],
  panes: (streams, { a }, { room }, { edge_crops: crops = [] }) => {
    const stream = streamNamed(streams, a);
    const reach = reachOf(room, Math.max(...crops.map(({ box }) => box[2])));
    return crops.flatMap(({ frame, box }, at) => {
      const values = { number: at + 1, count: crops.length, frame };
      const part = { frame, box, label: interpolate(gettext("%(number)s of %(count)s · hardest on frame %(frame)s"), values) };
      return Array.from({ length: 2 * reach + 1 }, (_, cell) => ({
        inputs: [{ stream: stream?.name ?? "", offset: cell - reach }],
        title: stream?.label ?? "",
        note: "",
        part,
      }));
    });
  },
  glsl: AS_IT_IS,
  paint: ({ a }, out) => out.set(a),
};
