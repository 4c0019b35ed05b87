/** A left of the edge, B right of it. */
import { gettext } from "../../lib/text.js";
import { streamNamed } from "./view.js";

/** @type {import("./view.js").View} */
export const wipe = {
  id: "wipe",
  label: gettext("Wipe"),
  icon: "wipe",
  keys: ["w"],
  pair: true,
  amount: { label: gettext("Edge") },
  panes: (streams, state) => {
    const [a, b] = [streamNamed(streams, state.a), streamNamed(streams, state.b)];
    return [{ a: a?.name ?? "", b: b?.name ?? "", title: `${a?.label} | ${b?.label}`, note: "" }];
  },
  glsl: "return at.x < amount ? a : b;",
  pixel: (a, b, [x], amount) => (x < amount ? a : b),
};
