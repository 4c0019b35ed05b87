/** All streams of one sample or video, asked for the same frame; a frame is there when all have it. */
import { request } from "../lib/api.js";
import { gettext, interpolate } from "../lib/text.js";
import { configOf } from "./gop_decoder.js";
import { drawsBitmaps } from "./renderer.js";
import { WebCodecsSource } from "./webcodecs_source.js";

/** @typedef {import("./frame_source.js").FrameSource} FrameSource */
/** @typedef {import("./frame_source.js").StreamInfo} StreamInfo */
/** @typedef {import("./frame_source.js").SourceEvents} SourceEvents */
/** @typedef {import("./frame_index.js").FrameIndex} FrameIndex */
/** @typedef {import("./picture.js").Picture} Picture */

/**
 * @typedef {object} Layers as layers.json gives it
 * @property {string} name
 * @property {readonly [number, number]} fps
 * @property {number} frames
 * @property {number} width
 * @property {number} height
 * @property {readonly StreamInfo[]} streams
 * @property {readonly string[]} [views] ids to offer; all when absent
 * @property {readonly {frame: number, box: readonly [number, number, number, number]}[]} [edge_crops] the
 *   hardest edges, hardest first; a page adds them when it knows them
 * @property {string} [values_url] what every layer has stored at ?frame=&x=&y=
 * @property {string} [footage_url] which videos and stills of the project have ?q= in their name
 *
 * @typedef {object} Shown the pictures of one frame
 * @property {number} frame
 * @property {(name: string, offset: number) => Picture | undefined} get by stream and frames from this one
 */

export class StreamSet extends EventTarget {
  /** @type {Map<string, FrameSource>} */ #sources = new Map();
  /** @type {Error | null} */ error = null;

  /** @param {Layers} layers */
  constructor(layers) {
    super();
    this.layers = layers;
  }

  /**
   * @param {string} src of layers.json
   * @param {AbortSignal} [signal]
   * @param {number} [most] how many streams to open, from the first on
   * @returns {Promise<StreamSet>} its events: "picture" (a frame of some stream arrived), "failed"
   * @throws {Error} when a stream cannot be opened
   */
  static async open(src, signal, most = Infinity) {
    const layers = /** @type {Layers} */ (await request(src, { signal }));
    const set = new StreamSet({ ...layers, streams: uniquelyNamed(layers.streams.slice(0, most)) });
    const sources = await Promise.all(set.layers.streams.map((stream) => set.#openSource(stream, signal)));
    set.layers.streams.forEach(({ name }, at) => set.#sources.set(name, /** @type {FrameSource} */ (sources[at])));
    if (signal?.aborted) set.close();
    return set;
  }

  get cachedFrames() {
    return Math.max(0, ...[...this.#sources.values()].map((source) => source.cachedFrames));
  }

  get cachedBytes() {
    return [...this.#sources.values()].reduce((sum, source) => sum + source.cachedBytes, 0);
  }

  /** Why this is a preview, a sentence; "" when every stream is exact. */
  get previewReason() {
    return [...this.#sources.values()].map((source) => source.previewReason).find(Boolean) ?? "";
  }

  /**
   * @param {number} frame
   * @param {1 | -1} direction
   * @param {readonly number[]} [offsets] neighbours that are wanted as much
   * @param {readonly [number, number] | null} [loop] first and last frame that playback goes round
   */
  want(frame, direction = 1, offsets = [], loop = null) {
    const reach = Math.max(0, ...offsets.map(Math.abs));
    for (const source of this.#sources.values()) source.want(frame, direction, reach, loop);
  }

  /**
   * How pictures are made from now on: what is on screen is drawn either way, this only saves time.
   * @param {ReadonlySet<string> | null} painted names of the streams that a view computes with; null
   *   where streams are shown as they are
   */
  prepare(painted) {
    if (!drawsBitmaps()) return;
    for (const [name, source] of this.#sources) source.form = !painted ? "bitmap" : painted.has(name) ? "rgba" : "planes";
  }

  /**
   * @param {number} frame
   * @param {readonly number[]} [offsets] neighbours that have to be there, too; at an end of the clip
   *   the frame stands in for the one beyond
   * @returns {Shown | null} null until every stream has them
   */
  at(frame, offsets = []) {
    const pictures = new Map();
    for (const [name, source] of this.#sources) {
      for (const offset of [0, ...offsets]) {
        const picture = source.get(this.#inside(frame, offset));
        if (!picture) return null;
        pictures.set(`${name} ${offset}`, picture);
      }
    }
    return { frame, get: (name, offset) => pictures.get(`${name} ${offset}`) };
  }

  /**
   * @param {number} frame
   * @param {number} offset
   */
  #inside(frame, offset) {
    const at = frame + offset;
    return at < 0 || at >= this.layers.frames ? frame : at;
  }

  /**
   * @param {number} frame
   * @returns {Promise<void>} once every stream has the frame
   */
  async whenAt(frame) {
    this.want(frame);
    while (!this.at(frame)) {
      if (this.error) throw this.error;
      await new Promise((resolve) => {
        this.addEventListener("picture", resolve, { once: true });
        this.addEventListener("failed", resolve, { once: true });
      });
    }
  }

  close() {
    for (const source of this.#sources.values()) source.close();
  }

  /**
   * @param {StreamInfo} stream
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<FrameSource>}
   */
  async #openSource(stream, signal) {
    /** @type {SourceEvents} */
    const events = {
      onPicture: () => this.dispatchEvent(new Event("picture")),
      onError: (error) => {
        this.error = error;
        this.dispatchEvent(new Event("failed"));
      },
    };
    const index = stream.index ?? /** @type {FrameIndex} */ (await request(stream.index_url, { signal }));
    this.#check(stream, index);
    const reason = await whyNotExact(index);
    if (!reason) return new WebCodecsSource(stream, index, events, drawsBitmaps() ? "bitmap" : "planes");
    // Few browsers need it, so few load it.
    const { VideoSource } = await import("./video_source.js");
    return new VideoSource(stream, this.layers, reason, events);
  }

  /**
   * @param {StreamInfo} stream
   * @param {FrameIndex} index
   */
  #check({ name, kind }, index) {
    if (index.frames !== this.layers.frames) {
      const text = gettext("%(name)s has %(got)s frames, but the others have %(wanted)s");
      throw new Error(interpolate(text, { name, got: index.frames, wanted: this.layers.frames }));
    }
    if (kind === "gray" && !index.full_range) {
      throw new Error(interpolate(gettext("%(name)s is not stored in full range, so its values would be wrong"), { name }));
    }
  }
}

/**
 * A mask may be called like its video; panes and pictures are found by name.
 * @param {readonly StreamInfo[]} streams
 * @returns {StreamInfo[]}
 */
function uniquelyNamed(streams) {
  return streams.map((stream, at) => {
    const again = streams.slice(0, at).some(({ name }) => name === stream.name);
    return again ? { ...stream, name: `${stream.name} (${at + 1})` } : stream;
  });
}

/** @type {Map<string, Promise<{supported?: boolean | undefined}>>} what the browser said of a codec and profile */
const asked = new Map();

/**
 * @param {FrameIndex} index
 * @returns {Promise<string>} "" when this browser decodes the stream exactly, else why not
 */
async function whyNotExact(index) {
  if (!globalThis.isSecureContext) return gettext("exact frames need https or localhost, and this address is plain http; start the server with up --https");
  if (!globalThis.VideoDecoder) return gettext("this browser has no WebCodecs decoder; a current Chrome or Edge has one");
  const answer = asked.get(index.codec) ?? VideoDecoder.isConfigSupported(configOf(index)).catch(() => ({ supported: false }));
  asked.set(index.codec, answer);
  if ((await answer).supported) return "";
  return interpolate(gettext("this browser cannot decode %(codec)s; a current Chrome or Edge can"), { codec: index.codec });
}
