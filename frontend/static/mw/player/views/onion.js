/** The frame with its neighbours showing through: what jumps or boils stands out at a standstill. */
import { gettext } from "../../lib/text.js";
import { LAYER, packed, streamNamed } from "./view.js";

/** @type {import("./view.js").View} */
export const onion = {
  id: "onion",
  label: gettext("Onion"),
  icon: "layers",
  keys: ["n"],
  offered: () => true,
  picks: LAYER,
  settings: [
    { label: gettext("Previous"), value: 30, least: 0, most: 50, unit: "%" },
    { label: gettext("Next"), value: 30, least: 0, most: 50, unit: "%" },
  ],
  panes: (streams, { a }) => {
    const stream = streamNamed(streams, a);
    const name = stream?.name ?? "";
    const inputs = [{ stream: name }, { stream: name, offset: -1 }, { stream: name, offset: 1 }];
    return [{ inputs, title: stream?.label ?? "", note: gettext("with the frames before and after") }];
  },
  glsl: `
    vec2 share = values.xy * 0.01;
    return a * (1.0 - share.x - share.y) + b * share.x + c * share.y;`,
  paint: ({ a, b, c }, out, [previous, next]) => {
    // Shares of 65536, rounding included.
    const p = Math.round(previous * 655.36);
    const n = Math.round(next * 655.36);
    const own = 65536 - p - n;
    for (let at = 0; at < out.length; at++) {
      const [now, before, after] = [a[at] ?? 0, b[at] ?? 0, c[at] ?? 0];
      const red = ((now & 255) * own + (before & 255) * p + (after & 255) * n + 32768) >> 16;
      const green = (((now >> 8) & 255) * own + ((before >> 8) & 255) * p + ((after >> 8) & 255) * n + 32768) >> 16;
      const blue = (((now >> 16) & 255) * own + ((before >> 16) & 255) * p + ((after >> 16) & 255) * n + 32768) >> 16;
      out[at] = packed(red, green, blue);
    }
  },
};
