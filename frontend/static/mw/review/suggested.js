/** Which reasons for a rejection the findings of the checks speak for. They are marked, never given. */

/** @typedef {import("../quality/heat.js").Finding} Finding */

/** By metric; one that is not here describes, or speaks for no reason in particular. */
const SPEAKS_FOR = /** @type {Readonly<Record<string, string>>} */ ({
  boil: "flicker",
  edge_disagreement: "misaligned",
  effect_left: "effect_left",
  fill_flicker: "flicker",
  flicker: "flicker",
  islands_holes: "hole",
  periodic: "flicker",
  pulse: "flicker",
  spill: "spill",
  timing: "misaligned",
  unexplained: "effect_left",
});

/**
 * @param {readonly Pick<Finding, "metric" | "strength" | "text">[]} findings
 * @returns {Map<string, string>} what was found, in words, by reason; of several the strongest
 */
export function suggestedReasons(findings) {
  const suggested = new Map();
  for (const { metric, text } of findings.toSorted((one, other) => one.strength - other.strength)) {
    const reason = SPEAKS_FOR[metric];
    if (reason) suggested.set(reason, text);
  }
  return suggested;
}
