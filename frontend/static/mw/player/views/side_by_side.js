/** Every stream in a pane of its own; where there is no room, one at a time. */
import { gettext } from "../../lib/text.js";
import { AS_IT_IS, paneOf, streamNamed } from "./view.js";

/** @type {import("./view.js").View} */
export const sideBySide = {
  id: "side_by_side",
  label: gettext("Side by side"),
  icon: "grid",
  keys: ["v"],
  offered: () => true,
  picks: null,
  settings: [],
  panes: (streams, _picked, { only }) => (only === null ? streams.map(paneOf) : [paneOf(streamNamed(streams, only))]),
  glsl: AS_IT_IS,
  paint: ({ a }, out) => out.set(a),
};
