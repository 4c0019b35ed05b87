/**
 * Where full and removed differ: blue where the object explains it, orange where nothing does. Below
 * lies the full picture, darkened.
 */
import { gettext, interpolate } from "../../lib/text.js";
import { CONNECTED, differenceMap, UNEXPLAINED, unexplainedShare } from "../difference_map.js";
import { rgbaOf } from "../rgba.js";
import { matteOf, packed } from "./view.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {import("./view.js").LayerStream} LayerStream */

const EXPLAINED_COLOUR = /** @type {const} */ ([40, 110, 255]);
const STRAY_COLOUR = /** @type {const} */ ([255, 140, 0]);
/** In a trimask the object is 0; halves are rounded towards it. */
const REMOVED_BELOW = 64;

const named = (/** @type {readonly LayerStream[]} */ streams, /** @type {string} */ name) => streams.find((stream) => stream.name === name);
const glslColour = (/** @type {readonly number[]} */ colour) => `vec3(${colour.map((part) => (part / 255).toFixed(5)).join(", ")})`;

/**
 * Where the object is.
 * @param {Picture} matte
 * @param {boolean} soft alpha, where anything above 0 is object
 */
function coveredBy(matte, soft) {
  const pixels = rgbaOf(matte);
  return Uint8Array.from({ length: matte.width * matte.height }, (_, at) => {
    const value = pixels[at * 4] ?? 0;
    return (soft ? value > 0 : value < REMOVED_BELOW) ? 1 : 0;
  });
}

/** @type {import("./view.js").View} */
export const unexplained = {
  id: "unexplained",
  label: gettext("Unexplained"),
  icon: "warn",
  keys: ["q"],
  offered: (streams) => Boolean(named(streams, "rgb_full") && named(streams, "rgb_removed") && matteOf(streams)),
  picks: null,
  settings: [],
  panes: (streams) => {
    const inputs = ["rgb_full", "rgb_removed", matteOf(streams)?.name ?? ""].map((stream) => ({ stream }));
    const title = `${named(streams, "rgb_full")?.label} − ${named(streams, "rgb_removed")?.label}`;
    return [{ inputs, title, note: gettext("blue: object's own effect · orange: unexplained") }];
  },
  derive: ([full, removed, matte], inputs) => {
    if (!full || !removed || !matte) throw new Error("the view needs three pictures");
    return differenceMap(full, removed, coveredBy(matte, inputs[2]?.stream === "alpha"));
  },
  figure: (map) => interpolate(gettext("%(share)s % unexplained"), { share: unexplainedShare(map).toFixed(2) }),
  glsl: `
    if (c.r > ${((UNEXPLAINED - 1) / 255).toFixed(5)}) return ${glslColour(STRAY_COLOUR)};
    if (c.r > ${((CONNECTED - 1) / 255).toFixed(5)}) return ${glslColour(EXPLAINED_COLOUR)};
    return a * 0.25;`,
  paint: ({ a, c }, out) => {
    const [stray, explained] = [packed(...STRAY_COLOUR), packed(...EXPLAINED_COLOUR)];
    for (let at = 0; at < out.length; at++) {
      const [colour, kind] = [a[at] ?? 0, (c[at] ?? 0) & 255];
      // A quarter of each channel, rounded.
      const dark = packed(((colour & 255) + 2) >> 2, (((colour >> 8) & 255) + 2) >> 2, (((colour >> 16) & 255) + 2) >> 2);
      out[at] = kind === UNEXPLAINED ? stray : kind === CONNECTED ? explained : dark;
    }
  },
};
