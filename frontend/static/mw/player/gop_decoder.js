/**
 * One stream's groups of pictures, fetched by HTTP Range and decoded; each frame is known by the
 * number that the server's index gave its chunk. No container time is ever read. Runs in the
 * worker and touches no document.
 */
import { fetchRange } from "./byte_range.js";
import { gopsOf } from "./frame_index.js";
import { copyPicture } from "./plane_copy.js";
import { rgbaOf } from "./rgba.js";

/** @typedef {import("./decode_messages.js").Order} Order */
/** @typedef {import("./frame_index.js").ChunkEntry} ChunkEntry */
/** @typedef {import("./frame_index.js").FrameIndex} FrameIndex */
/** @typedef {import("./frame_index.js").Gop} Gop */
/** @typedef {import("./picture.js").Picture} Picture */

/** Encoded bytes of one stream that are kept or fetched ahead. */
const BYTES_AHEAD = 24 * 2 ** 20;

/**
 * @param {FrameIndex} index
 * @returns {VideoDecoderConfig}
 */
export function configOf(index) {
  const description = Uint8Array.from(atob(index.description), (letter) => letter.charCodeAt(0));
  // Software decoding gives the same bytes on every machine, and never runs out of hardware
  // surfaces while frames are kept.
  return {
    codec: index.codec,
    description,
    codedWidth: index.width,
    codedHeight: index.height,
    hardwareAcceleration: "prefer-software",
  };
}

export class GopDecoder {
  #stream;
  #index;
  #gops;
  #turns;
  #emit;
  /** @type {Pick<Order, "wanted" | "form"> & {signal: AbortSignal} | null} what the frames that come out now are for */ #order = null;
  /** @type {VideoDecoder | null} */ #decoder = null;
  /** @type {Map<number, Promise<Uint8Array>>} encoded groups, oldest use first */ #fetched = new Map();
  #closing = new AbortController();
  /** @type {Set<Promise<void>>} */ #copies = new Set();
  /** @type {Set<number>} frames that the group under way still owes */ #owed = new Set();
  /** The frame of the group under way that came before the others; -1 when none did. */
  #early = -1;
  /** @type {unknown} what the decoder died of */ #error = null;

  /**
   * @param {{url: string, kind: "rgb" | "gray"}} stream
   * @param {FrameIndex} index
   * @param {import("./turns.js").Turns} turns of all streams of this thread
   * @param {(frame: number, picture: Picture) => void} emit every frame as soon as it is out
   */
  constructor(stream, index, turns, emit) {
    this.#stream = stream;
    this.#index = index;
    this.#gops = gopsOf(index);
    this.#turns = turns;
    this.#emit = emit;
  }

  /**
   * @param {Order} order
   * @param {AbortSignal} signal gives this group up
   * @throws {Error} when the server or the decoder fails, or frames are missing
   */
  async decode({ gop: number, ahead, ...wanted }, signal) {
    const gop = /** @type {Gop} */ (this.#gops[number]);
    this.#order = { ...wanted, signal };
    try {
      const bytes = await this.#bytesOf(number);
      signal.throwIfAborted();
      // Not before: a server answers a few requests at once, and every stream's own group comes first.
      for (const next of ahead) this.#bytesOf(next).catch(() => {});
      await this.#keyFirst(gop, bytes, signal);
      this.#feed(gop, gop.chunks, bytes);
      await this.#decoder?.flush();
      await Promise.all(this.#copies);
    } catch (error) {
      if (!signal.aborted) throw this.#error ?? error;
    }
    if (!signal.aborted && this.#owed.size > 0) {
      throw new Error(`frames ${gop.start} to ${gop.end - 1} did not all come out of the decoder`);
    }
  }

  /** Stop decoding; the bytes stay. */
  abandon() {
    if (this.#decoder?.state === "configured") this.#decoder.reset();
  }

  close() {
    this.#closing.abort();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    this.#fetched.clear();
  }

  /**
   * Whoever waits for the frame that a group begins with does not wait for the others: it is decoded
   * twice, once by itself, which costs less than what the rest of four streams takes beside it.
   * @param {Gop} gop
   * @param {Uint8Array} bytes
   * @param {AbortSignal} signal
   */
  async #keyFirst(gop, bytes, signal) {
    this.#early = -1;
    const [key] = gop.chunks;
    if (!key || key[3] !== this.#order?.wanted) return;
    this.#feed(gop, [key], bytes);
    await this.#decoder?.flush();
    await Promise.all(this.#copies);
    signal.throwIfAborted();
    // A decoder that gave nothing yet gives it with the others.
    if (!this.#owed.has(key[3])) this.#early = key[3];
  }

  /**
   * @param {Gop} gop
   * @param {readonly ChunkEntry[]} chunks of the group
   * @param {Uint8Array} bytes of the group
   */
  #feed(gop, chunks, bytes) {
    const decoder = this.#ready();
    this.#owed = new Set(chunks.map(([, , , display]) => display));
    for (const [offset, size, key, display] of chunks) {
      const data = bytes.subarray(offset - gop.from, offset - gop.from + size);
      decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: display, data }));
    }
  }

  /**
   * @param {number} number
   * @returns {Promise<Uint8Array>}
   */
  #bytesOf(number) {
    const { from, to } = /** @type {Gop} */ (this.#gops[number]);
    const fetching = this.#fetched.get(number) ?? fetchRange(this.#stream.url, from, to, this.#closing.signal);
    this.#fetched.delete(number);
    this.#fetched.set(number, fetching);
    // What could not be fetched is asked for anew the next time.
    fetching.catch(() => this.#fetched.get(number) === fetching && this.#fetched.delete(number));
    this.#forgetOldest(number);
    return fetching;
  }

  /** @param {number} newest */
  #forgetOldest(newest) {
    let held = 0;
    for (const number of [...this.#fetched.keys()].reverse()) {
      const { from, to } = /** @type {Gop} */ (this.#gops[number]);
      held += to - from;
      if (held > BYTES_AHEAD && number !== newest) this.#fetched.delete(number);
    }
  }

  #ready() {
    if (!this.#decoder || this.#decoder.state === "closed") {
      this.#error = null;
      this.#decoder = new VideoDecoder({
        output: (frame) => this.#keep(frame),
        error: (error) => (this.#error = error),
      });
    }
    if (this.#decoder.state === "unconfigured") this.#decoder.configure(configOf(this.#index));
    return this.#decoder;
  }

  /** @param {VideoFrame} frame */
  #keep(frame) {
    const number = frame.timestamp;
    if (number === this.#early) {
      this.#owed.delete(number);
      frame.close();
      return;
    }
    const copy = this.#pictureOf(frame)
      .then((picture) => {
        if (this.#closing.signal.aborted) return;
        this.#owed.delete(number);
        this.#emit(number, picture);
      })
      .finally(() => this.#copies.delete(copy));
    // A rejection is seen by decode(), which waits for all copies.
    copy.catch(() => {});
    this.#copies.add(copy);
  }

  /**
   * @param {VideoFrame} frame closed when its planes are copied
   * @returns {Promise<Picture>}
   */
  async #pictureOf(frame) {
    const number = frame.timestamp;
    const { form = "planes", wanted = 0, signal } = this.#order ?? {};
    const picture = { ...(await copyPicture(frame, this.#stream.kind).finally(() => frame.close())), frame: number };
    if (form === "planes") return picture;
    await this.#turns.take(Math.abs(number - wanted));
    // What was given up may still be of use, but is not worth the work.
    if (signal?.aborted) return picture;
    const rgba = rgbaOf(picture);
    if (form === "rgba") return { ...picture, rgba };
    return { ...picture, bitmap: await createImageBitmap(new ImageData(rgba, picture.width, picture.height)) };
  }
}
