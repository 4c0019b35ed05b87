/**
 * Exact frames: groups of pictures that the worker decodes, held around the playhead. What is
 * wanted comes first, then its neighbours in the direction of travel.
 */
import { gettext, interpolate } from "../lib/text.js";
import { DecodeError, DecoderLink } from "./decoder_link.js";
import { FrameCache } from "./frame_cache.js";
import { gopNumber, gopsAround, gopsOf } from "./frame_index.js";
import { BITMAP_BYTES_PER_STREAM, BYTES_PER_STREAM } from "./frame_source.js";

/** @typedef {import("./decode_messages.js").Form} Form */
/** @typedef {import("./frame_index.js").FrameIndex} FrameIndex */
/** @typedef {import("./frame_index.js").Gop} Gop */
/** @typedef {import("./frame_source.js").StreamInfo} StreamInfo */
/** @typedef {import("./frame_source.js").SourceEvents} SourceEvents */
/** @typedef {import("./picture.js").Picture} Picture */

const GOPS_HELD = 3;
/** Groups beyond the decoded ones whose bytes are fetched. */
const GOPS_FETCHED = 3;

export class WebCodecsSource {
  previewReason = "";
  /** @type {Form} */ form;
  #stream;
  #events;
  #gops;
  #room;
  #link;
  /** @type {FrameCache<Picture>} */ #cache;
  #wanted = 0;
  #reach = 0;
  /** @type {1 | -1} */ #direction = 1;
  /** @type {readonly [number, number] | null} */ #loop = null;
  #closed = false;
  #working = false;
  /** @type {number | null} the group under way */ #current = null;

  /**
   * @param {StreamInfo} stream
   * @param {FrameIndex} index
   * @param {SourceEvents} events
   * @param {Form} form
   * @throws {Error} when the index does not describe groups that decode by themselves
   */
  constructor(stream, index, events, form) {
    this.form = form;
    this.#stream = stream;
    this.#events = events;
    this.#gops = gopsOf(index);
    const longest = Math.max(...this.#gops.map(({ start, end }) => end - start));
    const pixels = index.width * index.height;
    const bytes = pixels * (stream.kind === "gray" ? 1 : 1.5);
    this.#room = Math.max(1, Math.min(GOPS_HELD, Math.floor(BYTES_PER_STREAM / (bytes * longest))));
    this.#cache = new FrameCache(this.#room * longest, Math.floor(BITMAP_BYTES_PER_STREAM / (pixels * 4)));
    const url = new URL(stream.url, document.baseURI).href;
    this.#link = new DecoderLink({ url, kind: stream.kind }, index, (frame, picture) => this.#keep(frame, picture));
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
   * @param {number} [reach]
   * @param {readonly [number, number] | null} [loop]
   */
  want(frame, direction, reach = 0, loop = null) {
    if (this.#closed) return;
    this.#wanted = frame;
    this.#reach = reach;
    this.#direction = direction;
    this.#loop = loop;
    // The wanted frame comes first: work on another group is given up.
    const own = gopNumber(this.#gops, frame);
    if (this.#current !== null && this.#current !== own && !this.#cache.has(frame)) this.#link.abandon();
    void this.#work();
  }

  close() {
    this.#closed = true;
    this.#link.close();
    this.#cache.clear();
  }

  /** Decode what is missing, most urgent first, until nothing is. Only one runs at a time. */
  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let gop = this.#missing(); gop !== null && !this.#closed; gop = this.#missing()) {
        this.#current = gop;
        await this.#link.decode({ gop, ahead: this.#ahead(gop), wanted: this.#wanted, form: this.form });
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
    return this.#around().find((number) => !this.#isHeld(this.#gops[number])) ?? null;
  }

  /** Groups to hold, most urgent first. */
  #around() {
    const last = /** @type {Gop} */ (this.#gops.at(-1)).end - 1;
    const near = [this.#wanted, Math.max(0, this.#wanted - this.#reach), Math.min(last, this.#wanted + this.#reach)];
    const needed = near.map((frame) => gopNumber(this.#gops, frame));
    return [...new Set([...needed, ...gopsAround(this.#gops, this.#wanted, this.#direction, this.#room, this.#loop)])];
  }

  /** @param {number} gop */
  #ahead(gop) {
    const next = Array.from({ length: GOPS_FETCHED }, (_, at) => gop + (at + 1) * this.#direction);
    return next.filter((number) => this.#gops[number]);
  }

  /** @param {Gop | undefined} gop */
  #isHeld(gop) {
    for (let frame = gop?.start ?? 0; frame < (gop?.end ?? 0); frame++) {
      if (!this.#cache.has(frame)) return false;
    }
    return true;
  }

  /**
   * @param {number} frame
   * @param {Picture} picture
   */
  #keep(frame, picture) {
    this.#cache.put(frame, picture);
    const held = this.#around().map((number) => /** @type {Gop} */ (this.#gops[number]));
    this.#cache.trim(this.#wanted, held, this.#direction);
    this.#events.onPicture(frame);
  }

  /** @param {unknown} error */
  #fail(error) {
    // The browser takes decoders of idle tabs away; the next want() makes a new one.
    if (this.#closed || (error instanceof DecodeError && error.reclaimed)) return;
    const values = { name: this.#stream.name, frame: this.#wanted, why: error instanceof Error ? error.message : String(error) };
    this.close();
    this.#events.onError(new Error(interpolate(gettext("%(name)s cannot be shown from frame %(frame)s on: %(why)s"), values)));
  }
}
