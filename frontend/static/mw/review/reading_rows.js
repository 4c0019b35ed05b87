/** From what lies under the pointer to the lines of the readout; no document. */
import { gettext } from "../lib/text.js";

/** @typedef {import("../player/readout.js").Reading} Reading */
/** @typedef {{name: string, share: string, stored: string, shown: string}} Line values in columns of three digits; "" where there is none */

/** @param {readonly number[] | null | undefined} values */
const digits = (values) => (values ?? []).map((value) => String(value).padStart(3)).join(" ");

/**
 * @param {readonly Reading[]} readings
 * @param {readonly {name: string}[]} streams of the sample, so that a line stays where it is without a value
 * @returns {Line[]} one for each layer; the difference stands below the two colour layers that a pair has
 */
export function readingLines(readings, streams) {
  const known = new Map(readings.map((reading) => [reading.name, reading]));
  const lines = streams.map(({ name }) => line(name, known.get(name)));
  const pair = ["rgb_full", "rgb_removed"].map((name) => streams.findIndex((stream) => stream.name === name));
  if (pair.some((place) => place < 0)) return lines;
  const [full, removed] = [known.get("rgb_full"), known.get("rgb_removed")];
  const difference = {
    name: gettext("|difference|"),
    share: "",
    stored: digits(apart(full?.stored, removed?.stored)),
    shown: digits(apart(full?.shown, removed?.shown)),
  };
  return lines.toSpliced(Math.max(...pair) + 1, 0, difference);
}

/**
 * @param {string} name
 * @param {Reading | undefined} reading
 * @returns {Line}
 */
function line(name, reading) {
  const value = (reading?.stored ?? reading?.shown)?.[0];
  const share = name.startsWith("alpha") && value !== undefined ? (value / 255).toFixed(3) : "";
  return { name, share, stored: digits(reading?.stored), shown: digits(reading?.shown) };
}

/**
 * @param {readonly number[] | null | undefined} one
 * @param {readonly number[] | null | undefined} other
 */
function apart(one, other) {
  return one && other ? one.map((value, channel) => Math.abs(value - (other[channel] ?? 0))) : null;
}
