/** The view modes, in the order of the bar. A new one is a file here and a line in this list. */
import { abFlip } from "./ab_flip.js";
import { alphaLut } from "./alpha_lut.js";
import { composite } from "./composite.js";
import { difference } from "./difference.js";
import { edgeFilm } from "./edge_film.js";
import { edges } from "./edges.js";
import { levels } from "./levels.js";
import { onion } from "./onion.js";
import { sideBySide } from "./side_by_side.js";
import { unexplained } from "./unexplained.js";
import { wipe } from "./wipe.js";

/** @type {readonly import("./view.js").View[]} */
export const VIEWS = [sideBySide, abFlip, wipe, difference, onion, composite, alphaLut, levels, unexplained, edges, edgeFilm];

/** @param {string | null} id */
export function viewNamed(id) {
  return /** @type {import("./view.js").View} */ (VIEWS.find((view) => view.id === id) ?? VIEWS[0]);
}
