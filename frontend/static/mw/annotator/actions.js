/** What can be done on the annotate page, for keys, buttons and the sheet. */
import { gettext, interpolate } from "../lib/text.js";
import { leastSure } from "./marks.js";

/** @typedef {import("./annotator.js").Annotator} Annotator */
/** @typedef {import("../keyboard/actions.js").Action} Action */

const OBJECT_KEYS = 9;

/**
 * @param {Annotator} page
 * @returns {Action[]}
 */
export function annotateActions(page) {
  return [...tools(page), ...objects(page), ...looks(page), ...marks(page), ...clip(page)];
}

/** @param {Annotator} page @returns {Action[]} */
function tools(page) {
  const group = gettext("Tool");
  const rows = /** @type {const} */ ([
    ["click", gettext("Click on an object"), "a"], ["scribble", gettext("Scribble"), "s"], ["box", gettext("Draw a box"), "r"],
    ["outline", gettext("Draw an outline"), "u"], ["brush", gettext("Paint"), "p"], ["erase", gettext("Erase"), "Shift+P"],
  ]);
  return [
    ...rows.map(([tool, label, key]) => ({ id: `annotate.tool.${tool}`, label, keys: [key], group, run: () => page.tools.choose(tool), pressed: () => page.tools.tool === tool })),
    { id: "annotate.smaller", label: gettext("Smaller brush"), keys: ["["], group, run: () => page.tools.resize(1 / 1.25) },
    { id: "annotate.larger", label: gettext("Larger brush"), keys: ["]"], group, run: () => page.tools.resize(1.25) },
  ];
}

/** @param {Annotator} page @returns {Action[]} */
function objects(page) {
  return Array.from({ length: OBJECT_KEYS }, (_, at) => ({
    id: `annotate.object.${at + 1}`,
    label: interpolate(gettext("Object %(number)s"), { number: at + 1 }),
    keys: [String(at + 1)],
    group: gettext("Objects"),
    run: () => page.choose(at + 1),
    when: () => page.session.facts.objects.some(({ number }) => number === at + 1),
  }));
}

/** @param {Annotator} page @returns {Action[]} */
function looks(page) {
  const group = gettext("Look");
  const rows = /** @type {const} */ ([["overlay", gettext("Masks as overlay"), "m"], ["contour", gettext("Masks as contour"), "c"], ["alone", gettext("Masks alone"), "Shift+M"]]);
  return [
    ...rows.map(([look, label, key]) => ({ id: `annotate.look.${look}`, label, keys: [key], group, run: () => page.lookAt(look), pressed: () => page.look === look })),
    { id: "annotate.onion", label: gettext("Contours of the neighbour frames"), keys: ["Shift+Q"], group, run: () => page.toggleOnion(), pressed: () => page.onion },
  ];
}

/** @param {Annotator} page @returns {Action[]} */
function marks(page) {
  const group = gettext("This frame");
  return [
    { id: "annotate.undo", label: gettext("Take back"), keys: ["z"], group, run: () => page.step("undo"), when: () => page.session.facts.undo },
    { id: "annotate.redo", label: gettext("Do again"), keys: ["Shift+Z"], group, run: () => page.step("redo"), when: () => page.session.facts.redo },
    { id: "annotate.fill", label: gettext("Fill holes"), keys: ["Shift+X"], group, run: () => page.send({ kind: "fill" }) },
    { id: "annotate.copy", label: gettext("Copy the mask of the previous frame"), keys: ["y"], group, run: () => page.send({ kind: "copy", source_frame: page.frame - 1 }), when: () => page.frame > 0 },
  ];
}

/** @param {Annotator} page @returns {Action[]} */
function clip(page) {
  const group = gettext("The clip");
  return [
    { id: "annotate.carry", label: gettext("Carry masks through the clip"), keys: ["t"], group, run: () => void page.carry(), when: () => !page.carrying },
    { id: "annotate.stop", label: gettext("Stop carrying"), keys: ["Escape"], group, run: () => page.stop(), when: () => page.carrying !== null },
    { id: "annotate.worst", label: gettext("Go to the frame that is least sure"), keys: ["Shift+E"], group, run: () => goToWorst(page), when: () => leastSure(page.session.facts.objects) !== null },
    { id: "annotate.save", label: gettext("Save as masks of the video"), keys: ["Shift+S"], group, run: () => page.save() },
  ];
}

/** @param {Annotator} page */
function goToWorst(page) {
  const frame = leastSure(page.session.facts.objects);
  if (frame !== null) page.frame = frame;
}
