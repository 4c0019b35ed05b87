/** |A - B| times a gain, per channel, so that what should be equal is black. */
import { gettext } from "../../lib/text.js";
import { packed, PAIR, pairPane, twoStreams } from "./view.js";

/** @type {import("./view.js").View} */
export const difference = {
  id: "difference",
  label: gettext("Difference"),
  icon: "split",
  keys: ["d"],
  offered: twoStreams,
  picks: PAIR,
  settings: [{ label: gettext("Gain"), value: 8, least: 1, most: 64, unit: "×" }],
  panes: (streams, picked) => [pairPane(streams, picked, (a, b) => `|${a} − ${b}|`)],
  glsl: "return min(abs(a - b) * values.x, 1.0);",
  paint: ({ a, b }, out, [gain]) => {
    // For differences from -255 on.
    const gained = Uint8ClampedArray.from({ length: 511 }, (_, at) => Math.abs(at - 255) * gain);
    for (let at = 0; at < out.length; at++) {
      const first = a[at] ?? 0;
      const second = b[at] ?? 0;
      const red = gained[255 + (first & 255) - (second & 255)] ?? 0;
      const green = gained[255 + ((first >> 8) & 255) - ((second >> 8) & 255)] ?? 0;
      const blue = gained[255 + ((first >> 16) & 255) - ((second >> 16) & 255)] ?? 0;
      out[at] = packed(red, green, blue);
    }
  },
};
