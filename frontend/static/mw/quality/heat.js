/** From a track's numbers to what a heat strip shows; knows no document. */

/** Steps of the scales in `tokens.css`: 0 nothing to 8 the most. */
export const STEPS = 9;

/**
 * @typedef {object} Track
 * @property {string} metric
 * @property {string} title
 * @property {string} summary
 * @property {string} unit
 * @property {"low" | "high" | "none"} better "none" only describes and is grey
 * @property {number | null} total
 * @property {number | null} alert level above which a frame of this clip deserves a look
 * @property {number | null} scale the value that is drawn hottest, the same in every clip
 * @property {(number | null)[]} values
 */
/**
 * @typedef {object} Finding
 * @property {string} metric
 * @property {string} title
 * @property {number} first
 * @property {number} last
 * @property {string[]} layers
 * @property {number[] | null} box x, y, width, height in pixels, null for the whole frame
 * @property {string} words
 * @property {string} advice what to do
 * @property {string} text
 * @property {number} strength
 */

/**
 * @param {Track} track
 * @returns {number} the value that is drawn hottest
 */
export function hottest(track) {
  return track.scale ?? Math.max(...track.values.map((value) => value ?? 0), Number.MIN_VALUE);
}

/**
 * @param {number | null | undefined} value
 * @param {number} most
 * @returns {number | null} 0 to 8, null where there is no value
 */
export function heatStep(value, most) {
  if (value === null || value === undefined) return null;
  return Math.max(0, Math.min(STEPS - 1, Math.round((value / most) * (STEPS - 1))));
}

/**
 * One step per pixel column. Where a column stands for several frames it shows their largest value,
 * so that a single bad frame never disappears.
 * @param {(number | null)[]} values
 * @param {number} most
 * @param {number} width in pixels
 * @returns {(number | null)[]}
 */
export function heatColumns(values, most, width) {
  const frames = values.length;
  return Array.from({ length: width }, (_, column) => {
    const first = Math.floor((column * frames) / width);
    const end = Math.max(first + 1, Math.ceil(((column + 1) * frames) / width));
    const known = values.slice(first, end).filter((value) => value !== null);
    return known.length ? heatStep(Math.max(...known), most) : null;
  });
}

/**
 * @param {number | null | undefined} value
 * @param {string} unit
 */
export function readout(value, unit) {
  if (value === null || value === undefined) return "–";
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return unit === "%" ? `${value.toFixed(digits)} %` : value.toFixed(digits);
}

/**
 * @param {Track[]} tracks
 * @param {Finding[]} findings
 * @param {string[]} always metrics that are shown whatever was found
 * @returns {{shown: Track[], quiet: Track[]}} in their order; quiet ones have nothing to say
 */
export function sortTracks(tracks, findings, always) {
  const told = new Set([...always, ...findings.map((finding) => finding.metric)]);
  return { shown: tracks.filter((track) => told.has(track.metric)), quiet: tracks.filter((track) => !told.has(track.metric)) };
}

/**
 * @param {Finding[]} findings of one metric
 * @param {number} frame
 * @returns {Finding | undefined} the one that holds the frame, else the worst
 */
export function findingAt(findings, frame) {
  return findings.find(({ first, last }) => first <= frame && frame <= last) ?? findings[0];
}

/**
 * What stands in the tooltip of a finding: what, where, and what to do.
 * @param {Finding} finding
 * @param {string} place words with %(x)s, %(y)s, %(width)s and %(height)s
 */
export function findingLines(finding, place) {
  const names = ["x", "y", "width", "height"];
  const where = finding.box?.reduce((words, number, at) => words.replace(`%(${names[at]})s`, String(number)), place);
  return [finding.text, where, finding.advice].filter(Boolean).join("\n");
}
