/**
 * The server's index of a delivery: where each frame lies in the file, so no demuxer is needed.
 * A GOP is a run of chunks that begins with a key frame and decodes by itself.
 */

/**
 * @typedef {readonly [offset: number, size: number, key: number, display: number]} ChunkEntry
 *
 * @typedef {object} FrameIndex
 * @property {string} codec for example "avc1.64001F"
 * @property {string} description avcC record, base64
 * @property {number} width
 * @property {number} height
 * @property {number} frames
 * @property {readonly [number, number]} fps
 * @property {boolean} full_range
 * @property {readonly ChunkEntry[]} chunks in decoding order
 *
 * @typedef {object} Gop
 * @property {number} start first frame it shows
 * @property {number} end one after the last
 * @property {readonly ChunkEntry[]} chunks
 * @property {number} from first byte in the file
 * @property {number} to one after the last byte
 */

/**
 * @param {FrameIndex} index
 * @returns {Gop[]} in order, together showing every frame once
 * @throws {Error} when a run of frames cannot be decoded by itself
 */
export function gopsOf(index) {
  /** @type {ChunkEntry[][]} */
  const runs = [];
  for (const chunk of index.chunks) {
    if (chunk[2]) runs.push([]);
    const run = runs.at(-1);
    if (!run) throw new Error("the first frame is no key frame");
    run.push(chunk);
  }
  const gops = runs.map(gopOf);
  let next = 0;
  for (const gop of gops) {
    if (gop.start !== next) throw new Error(`frame ${next} needs frames of another group`);
    next = gop.end;
  }
  if (next !== index.frames) throw new Error(`the index has ${next} frames but says ${index.frames}`);
  return gops;
}

/**
 * @param {ChunkEntry[]} chunks
 * @returns {Gop}
 */
function gopOf(chunks) {
  const shown = chunks.map(([, , , display]) => display);
  const start = Math.min(...shown);
  const end = Math.max(...shown) + 1;
  if (end - start !== chunks.length) throw new Error(`frames ${start} to ${end - 1} are not one closed group`);
  const from = Math.min(...chunks.map(([offset]) => offset));
  const to = Math.max(...chunks.map(([offset, size]) => offset + size));
  return { start, end, chunks, from, to };
}

/**
 * @param {readonly Gop[]} gops
 * @param {number} frame
 * @returns {number} which GOP shows the frame
 */
export function gopNumber(gops, frame) {
  let low = 0;
  let high = gops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (/** @type {Gop} */ (gops[middle]).start <= frame) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The GOPs to hold around a frame, most urgent first: its own, the next in the direction of
 * travel, the one behind.
 * @param {readonly Gop[]} gops
 * @param {number} frame
 * @param {1 | -1} direction
 * @param {number} room how many GOPs memory allows, at least 1
 * @param {readonly [number, number] | null} [loop] first and last frame that playback goes round
 * @returns {number[]}
 */
export function gopsAround(gops, frame, direction, room, loop = null) {
  const own = gopNumber(gops, frame);
  const around = [own, nextGop(gops, frame, direction, loop), own - direction];
  return [...new Set(around)].slice(0, room).filter((gop) => gop >= 0 && gop < gops.length);
}

/**
 * @param {readonly Gop[]} gops
 * @param {number} frame
 * @param {1 | -1} direction
 * @param {readonly [number, number] | null} loop
 */
function nextGop(gops, frame, direction, loop) {
  const own = gopNumber(gops, frame);
  if (!loop || frame < loop[0] || frame > loop[1]) return own + direction;
  const [first, last] = direction > 0 ? loop : [loop[1], loop[0]];
  return own === gopNumber(gops, last) ? gopNumber(gops, first) : own + direction;
}
