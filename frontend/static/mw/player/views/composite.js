/**
 * The object over another background, also a layer, video or still that is chosen: spill, halo and holes
 * show. Its key goes to the next one.
 */
import { gettext } from "../../lib/text.js";
import { aMatte, FOOTAGE, matteOf, packed, streamNamed, valuesOf, withValue } from "./view.js";

/** A square of the checker is 2 to the power of this wide, in pixels of the picture. */
const SHIFT = 3;
const GREY = 128;
const [LIGHT, DARK] = [153, 102];

const OPTIONS = [
  gettext("Black"),
  gettext("White"),
  gettext("Grey"),
  gettext("Checker"),
  gettext("Complement"),
  gettext("Footage"),
];
const COMPLEMENT = 4;
const CHOSEN = 5;

/**
 * A channel of both, rounded: (own x alpha + under x (255 - alpha) + 127) / 255, in whole numbers. The
 * product is the quotient for everything below 65536.
 * @param {number} own value of a channel
 * @param {number} alpha 0 to 255
 * @param {number} under
 */
function over(own, alpha, under) {
  return ((own * alpha + under * (255 - alpha) + 127) * 0x8081) >>> 23;
}

/**
 * @param {number} own pixel
 * @param {number} alpha 0 to 255
 * @param {number} under pixel
 */
function mixed(own, alpha, under) {
  if (alpha === 255) return own;
  if (alpha === 0) return (under | 0xff000000) >>> 0;
  const red = over(own & 255, alpha, under & 255);
  const green = over((own >> 8) & 255, alpha, (under >> 8) & 255);
  return packed(red, green, over((own >> 16) & 255, alpha, (under >> 16) & 255));
}

/** @type {import("./view.js").View} */
export const composite = {
  id: "composite",
  label: gettext("Over"),
  icon: "shield",
  keys: ["b"],
  offered: (streams) => aMatte(streams) && streams.some(({ kind }) => kind === "rgb"),
  picks: {
    group: "composite",
    fields: ["a", "b"],
    kinds: { a: "rgb", b: "gray" },
    first: (streams) => {
      const colour = streams.find(({ name }) => name === "fgr") ?? streams.find(({ kind }) => kind === "rgb");
      return { a: colour?.name ?? "", b: matteOf(streams)?.name ?? "" };
    },
  },
  settings: [{ label: gettext("Background"), value: 0, options: OPTIONS }],
  panes: (streams, picked, state) => {
    const [a, b] = [streamNamed(streams, picked.a), streamNamed(streams, picked.b)];
    const [kind] = valuesOf(composite, state);
    /** @type {import("./view.js").Input[]} */
    const inputs = [{ stream: a?.name ?? "" }, { stream: b?.name ?? "" }];
    // Without anything chosen this input never comes, and the pane stays empty.
    if (kind === CHOSEN) inputs.push({ stream: state.behind?.stream ?? FOOTAGE, covers: true });
    const note = (kind === CHOSEN && state.behind?.label) || OPTIONS[kind] || "";
    return [{ inputs, title: `${a?.label} × ${b?.label}`, note }];
  },
  behind: (state) => valuesOf(composite, state)[0] === CHOSEN,
  glsl: `
    int kind = int(values.x + 0.5);
    ivec2 square = ivec2(at * size) >> ${SHIFT};
    float checker = ((square.x + square.y) & 1) == 0 ? ${(LIGHT / 255).toFixed(5)} : ${(DARK / 255).toFixed(5)};
    vec3 behind = vec3(kind == 0 ? 0.0 : kind == 1 ? 1.0 : kind == 2 ? ${(GREY / 255).toFixed(5)} : checker);
    if (kind == ${COMPLEMENT}) behind = 1.0 - a;
    if (kind == ${CHOSEN}) behind = c;
    return a * b.r + behind * (1.0 - b.r);`,
  paint: ({ a, b, c }, out, [kind], { width }) => {
    const [flat = 0, other = flat] = [[0], [255], [GREY], [LIGHT, DARK]][kind] ?? [];
    const [light, dark] = [packed(flat, flat, flat), packed(other, other, other)];
    for (let at = 0, x = 0, y = 0; at < out.length; at++) {
      const own = a[at] ?? 0;
      let under = ((x ^ y) >> SHIFT) & 1 ? dark : light;
      if (kind === CHOSEN) under = c[at] ?? 0;
      else if (kind === COMPLEMENT) under = ~own;
      out[at] = mixed(own, (b[at] ?? 0) & 255, under);
      if (++x === width) [x, y] = [0, y + 1];
    }
  },
  again: (state) => withValue(composite, state, 0, (valuesOf(composite, state)[0] + 1) % OPTIONS.length),
};
