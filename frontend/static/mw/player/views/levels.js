/** One layer with its values from low to high stretched over black to white. */
import { gettext } from "../../lib/text.js";
import { LAYER, packed, paneOf, streamNamed } from "./view.js";

/** @type {import("./view.js").View} */
export const levels = {
  id: "levels",
  label: gettext("Levels"),
  icon: "half",
  keys: ["g"],
  offered: () => true,
  picks: LAYER,
  settings: [
    { label: gettext("Black"), value: 0, least: 0, most: 254, unit: "" },
    { label: gettext("White"), value: 32, least: 1, most: 255, unit: "" },
  ],
  panes: (streams, { a }) => [paneOf(streamNamed(streams, a))],
  glsl: "return clamp((a * 255.0 - values.x) / max(values.y - values.x, 1.0), 0.0, 1.0);",
  paint: ({ a }, out, [black, white]) => {
    const slope = 255 / Math.max(white - black, 1);
    const stretched = Uint8ClampedArray.from({ length: 256 }, (_, value) => (value - black) * slope);
    for (let at = 0; at < out.length; at++) {
      const word = a[at] ?? 0;
      out[at] = packed(stretched[word & 255] ?? 0, stretched[(word >> 8) & 255] ?? 0, stretched[(word >> 16) & 255] ?? 0);
    }
  },
};
