/** Two streams in the same place, one at a time; the key flips. Never by itself: no flashing. */
import { gettext } from "../../lib/text.js";
import { AS_IT_IS, PAIR, paneOf, streamNamed, twoStreams } from "./view.js";

/** @type {import("./view.js").View} */
export const abFlip = {
  id: "ab_flip",
  label: gettext("A/B"),
  icon: "flip",
  keys: ["f"],
  offered: twoStreams,
  picks: PAIR,
  settings: [],
  panes: (streams, { a, b }, { flipped }) => [paneOf(streamNamed(streams, flipped ? b : a))],
  glsl: AS_IT_IS,
  paint: ({ a }, out) => out.set(a),
  again: ({ flipped }) => ({ flipped: !flipped }),
};
