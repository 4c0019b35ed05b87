/**
 * A matte in four steps that the eye cannot tell apart in grey: black is 0, haze 1 to 12, the soft edge
 * 13 to 242 stays grey, pinholes 243 to 254, white is 255.
 */
import { gettext } from "../../lib/text.js";
import { aMatte, MATTE, packed, paneOf, streamNamed } from "./view.js";

/** Both are seen apart from grey and from each other in protan, deutan and tritan sight. */
const HAZE = /** @type {const} */ ([40, 110, 255]);
const PINHOLE = /** @type {const} */ ([255, 140, 0]);
const glslColour = (/** @type {readonly number[]} */ colour) => `vec3(${colour.map((part) => (part / 255).toFixed(5)).join(", ")})`;

/** @type {import("./view.js").View} */
export const alphaLut = {
  id: "alpha_lut",
  label: gettext("Alpha steps"),
  icon: "mask",
  keys: ["h"],
  offered: aMatte,
  picks: MATTE,
  settings: [],
  panes: (streams, { a }) => [{ ...paneOf(streamNamed(streams, a)), note: gettext("0 black · 1–12 blue haze · 13–242 grey · 243–254 orange pinholes · 255 white") }],
  glsl: `
    float value = a.r * 255.0;
    if (value > 0.5 && value < 12.5) return ${glslColour(HAZE)};
    if (value > 242.5 && value < 254.5) return ${glslColour(PINHOLE)};
    return vec3(a.r);`,
  paint: ({ a }, out) => {
    const steps = Uint32Array.from({ length: 256 }, (_, value) => {
      if (value > 0 && value <= 12) return packed(...HAZE);
      return value >= 243 && value < 255 ? packed(...PINHOLE) : packed(value, value, value);
    });
    for (let at = 0; at < out.length; at++) out[at] = steps[(a[at] ?? 0) & 255] ?? 0;
  },
};
