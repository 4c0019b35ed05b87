/**
 * Samples that are decoded before they are asked for. A queue names what comes next; a player that
 * is given such an address finds its first frames ready.
 */
import { StreamSet } from "./stream_set.js";

/** @type {Map<string, Promise<StreamSet>>} */
const prepared = new Map();

/**
 * Prepare exactly these; what was prepared before and is not among them is let go.
 * @param {readonly string[]} sources addresses of layers.json
 * @param {number} [frame] which each of them has
 * @returns {Promise<void>} when this frame of each is decoded
 * @throws {Error} when one cannot be; the others stay prepared
 */
export async function preloadSamples(sources, frame = 0) {
  for (const src of prepared.keys()) {
    if (!sources.includes(src)) void letGo(src);
  }
  await Promise.all(
    sources.map(async (src) => {
      const opening = prepared.get(src) ?? StreamSet.open(src);
      prepared.set(src, opening);
      try {
        await (await opening).whenAt(frame);
      } catch (error) {
        if (prepared.get(src) === opening) void letGo(src);
        throw error;
      }
    }),
  );
}

/**
 * Hand over the streams of an address, prepared or not. Who takes them closes them.
 * @param {string} src
 * @param {AbortSignal} signal
 * @returns {Promise<StreamSet>}
 */
export function takeSample(src, signal) {
  const opening = prepared.get(src);
  prepared.delete(src);
  return opening ?? StreamSet.open(src, signal);
}

/** @param {string} src */
export function isPrepared(src) {
  return prepared.has(src);
}

/** @param {string} src */
async function letGo(src) {
  const opening = prepared.get(src);
  prepared.delete(src);
  // An opening that failed has nothing to close, and its error was given to whoever prepared it.
  await opening?.then((set) => set.close()).catch(() => {});
}
