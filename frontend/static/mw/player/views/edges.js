/**
 * The hardest edges of the clip, one after the other: the picture and its matte, enlarged to the crop
 * that the server's checks ranked. Its key goes to the next one.
 */
import { gettext, interpolate } from "../../lib/text.js";
import { AS_IT_IS, matteOf, paneOf } from "./view.js";

/** @type {import("./view.js").View} */
export const edges = {
  id: "edges",
  label: gettext("Edges"),
  icon: "mark",
  keys: ["e"],
  offered: (streams, { edge_crops: crops = [] }) => crops.length > 0 && matteOf(streams) !== undefined,
  picks: null,
  settings: [],
  places: ({ edge_crops: crops = [] }) =>
    crops.map(({ frame, box }, at) => ({
      frame,
      box,
      label: interpolate(gettext("%(number)s of %(count)s · frame %(frame)s"), { number: at + 1, count: crops.length, frame }),
    })),
  panes: (streams) => {
    const colour = streams.find(({ kind }) => kind === "rgb");
    return [...(colour ? [paneOf(colour)] : []), paneOf(matteOf(streams))];
  },
  glsl: AS_IT_IS,
  paint: ({ a }, out) => out.set(a),
};
