/** Where an arrow key leads in a grid that is filled row by row. */

/**
 * @param {number} at index of the card that has the focus
 * @param {string} key of a KeyboardEvent
 * @param {number} columns
 * @param {number} length
 * @returns {number} an index; the same one at an edge
 */
export function stepInGrid(at, key, columns, length) {
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const to = at + (steps[/** @type {keyof typeof steps} */ (key)] ?? 0);
  return to < 0 || to >= length ? at : to;
}
