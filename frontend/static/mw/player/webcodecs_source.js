/**
 * Exact frames: one group of pictures by HTTP Range, through a VideoDecoder, each frame known by
 * the number that the server's index gave its chunk. No container time is ever read.
 */
import { gettext, interpolate } from "../lib/text.js";
import { fetchRange } from "./byte_range.js";
import { FrameCache } from "./frame_cache.js";
import { gopNumber, gopsAround, gopsOf } from "./frame_index.js";
import { BYTES_PER_STREAM } from "./frame_source.js";
import { copyPicture } from "./plane_copy.js";

/** @typedef {import("./frame_index.js").FrameIndex} FrameIndex */
/** @typedef {import("./frame_index.js").Gop} Gop */
/** @typedef {import("./frame_source.js").StreamInfo} StreamInfo */
/** @typedef {import("./frame_source.js").SourceEvents} SourceEvents */
/** @typedef {import("./picture.js").Picture} Picture */

const GOPS_HELD = 3;

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

export class WebCodecsSource {
  previewReason = "";
  #stream;
  #index;
  #events;
  #gops;
  #room;
  /** @type {FrameCache<Picture>} */ #cache;
  /** @type {VideoDecoder | null} */ #decoder = null;
  #wanted = 0;
  /** @type {1 | -1} */ #direction = 1;
  #closed = false;
  #working = false;
  /** @type {{gop: number, abort: AbortController} | null} */ #current = null;
  /** @type {Set<Promise<void>>} */ #copies = new Set();
  /** @type {Set<number>} frames that the group under way has given */ #out = new Set();

  /**
   * @param {StreamInfo} stream
   * @param {FrameIndex} index
   * @param {SourceEvents} events
   * @throws {Error} when the index does not describe groups that decode by themselves
   */
  constructor(stream, index, events) {
    this.#stream = stream;
    this.#index = index;
    this.#events = events;
    this.#gops = gopsOf(index);
    const longest = Math.max(...this.#gops.map(({ start, end }) => end - start));
    const bytes = index.width * index.height * (stream.kind === "gray" ? 1 : 1.5);
    this.#room = Math.max(1, Math.min(GOPS_HELD, Math.floor(BYTES_PER_STREAM / (bytes * longest))));
    this.#cache = new FrameCache(this.#room * longest);
  }

  get cachedFrames() {
    return this.#cache.size;
  }

  get cachedBytes() {
    return this.#cache.bytes;
  }

  /** @param {number} frame */
  get(frame) {
    return this.#cache.get(frame);
  }

  /**
   * @param {number} frame
   * @param {1 | -1} direction
   */
  want(frame, direction) {
    if (this.#closed) return;
    this.#wanted = frame;
    this.#direction = direction;
    // The wanted frame comes first: work on another group is given up.
    const own = gopNumber(this.#gops, frame);
    if (this.#current && this.#current.gop !== own && !this.#cache.has(frame)) this.#giveUp();
    void this.#work();
  }

  close() {
    this.#closed = true;
    this.#giveUp();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    this.#cache.clear();
  }

  #giveUp() {
    this.#current?.abort.abort();
    if (this.#decoder?.state === "configured") this.#decoder.reset();
  }

  /** Decode what is missing, most urgent first, until nothing is. Only one runs at a time. */
  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let gop = this.#missing(); gop !== null && !this.#closed; gop = this.#missing()) {
        this.#current = { gop, abort: new AbortController() };
        await this.#decode(/** @type {Gop} */ (this.#gops[gop]), this.#current.abort.signal);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#current = null;
      this.#working = false;
    }
  }

  /** @returns {number | null} */
  #missing() {
    const around = gopsAround(this.#gops, this.#wanted, this.#direction, this.#room);
    return around.find((number) => !this.#isHeld(this.#gops[number])) ?? null;
  }

  /** @param {Gop | undefined} gop */
  #isHeld(gop) {
    for (let frame = gop?.start ?? 0; frame < (gop?.end ?? 0); frame++) {
      if (!this.#cache.has(frame)) return false;
    }
    return true;
  }

  /**
   * @param {Gop} gop
   * @param {AbortSignal} signal
   */
  async #decode(gop, signal) {
    try {
      const bytes = await fetchRange(this.#stream.url, gop.from, gop.to, signal);
      const decoder = this.#ready();
      this.#out.clear();
      for (const [offset, size, key, display] of gop.chunks) {
        const data = bytes.subarray(offset - gop.from, offset - gop.from + size);
        decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: display, data }));
      }
      await decoder.flush();
      await Promise.all(this.#copies);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted && !this.#closed && this.#out.size < gop.chunks.length) {
      throw new Error(`frames ${gop.start} to ${gop.end - 1} did not all come out of the decoder`);
    }
  }

  #ready() {
    if (!this.#decoder || this.#decoder.state === "closed") {
      this.#decoder = new VideoDecoder({
        output: (frame) => this.#keep(frame),
        error: (error) => this.#fail(error),
      });
    }
    if (this.#decoder.state === "unconfigured") this.#decoder.configure(configOf(this.#index));
    return this.#decoder;
  }

  /** @param {VideoFrame} frame */
  #keep(frame) {
    const number = frame.timestamp;
    const copy = copyPicture(frame, this.#stream.kind)
      .then((picture) => {
        if (this.#closed) return;
        this.#out.add(number);
        this.#cache.put(number, picture);
        this.#trim();
        this.#events.onPicture(number);
      })
      .finally(() => {
        frame.close();
        this.#copies.delete(copy);
      });
    // A rejection is seen by #decode, which waits for all copies.
    copy.catch(() => {});
    this.#copies.add(copy);
  }

  #trim() {
    const around = gopsAround(this.#gops, this.#wanted, this.#direction, this.#room);
    const held = around.map((number) => /** @type {Gop} */ (this.#gops[number]));
    const from = Math.min(...held.map(({ start }) => start));
    const to = Math.max(...held.map(({ end }) => end));
    this.#cache.trim(this.#wanted, from, to);
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.#closed) return;
    // The browser takes decoders of idle tabs away; the next want() makes a new one.
    if (error instanceof DOMException && error.name === "QuotaExceededError") return;
    const values = { name: this.#stream.name, frame: this.#wanted, why: error instanceof Error ? error.message : String(error) };
    this.close();
    this.#events.onError(new Error(interpolate(gettext("%(name)s cannot be shown from frame %(frame)s on: %(why)s"), values)));
  }
}
