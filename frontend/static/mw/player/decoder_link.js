/** The page's end of the one decoding worker: a link per stream. */

/** @typedef {import("./decode_messages.js").DecodedStream} DecodedStream */
/** @typedef {import("./decode_messages.js").FromWorker} FromWorker */
/** @typedef {import("./decode_messages.js").Order} Order */
/** @typedef {import("./decode_messages.js").ToWorker} ToWorker */
/** @typedef {import("./frame_index.js").FrameIndex} FrameIndex */
/** @typedef {import("./picture.js").Picture} Picture */

/** @type {Worker | null} */
let worker = null;
/** @type {Map<number, DecoderLink>} */
const links = new Map();
let lastId = 0;

/** What a decoder could not do; `reclaimed` when the browser took it away and a new one may be had. */
export class DecodeError extends Error {
  /**
   * @param {string} message
   * @param {boolean} [reclaimed]
   */
  constructor(message, reclaimed = false) {
    super(message);
    this.reclaimed = reclaimed;
  }
}

/** Start the worker before it is needed: loading its modules takes a while. */
export function startDecoding() {
  if (worker) return worker;
  worker = new Worker(new URL("./decode_worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    const message = /** @type {FromWorker} */ (data);
    const link = links.get(message.id);
    if (link) link.hear(message);
    else if (message.type === "picture") message.picture.bitmap?.close();
  });
  worker.addEventListener("error", (event) => {
    worker = null;
    for (const link of links.values()) link.broke(event.message);
  });
  return worker;
}

export class DecoderLink {
  #id = ++lastId;
  #calls = 0;
  /** @type {string | null} why the worker that knew this stream is gone */ #broken = null;
  /** @type {{resolve: () => void, reject: (error: Error) => void} | null} the call under way */ #waiting = null;
  /** @type {(frame: number, picture: Picture) => void} */ #onPicture;

  /**
   * @param {DecodedStream} stream
   * @param {FrameIndex} index
   * @param {(frame: number, picture: Picture) => void} onPicture
   */
  constructor(stream, index, onPicture) {
    this.#onPicture = onPicture;
    links.set(this.#id, this);
    this.#say({ type: "open", id: this.#id, stream, index });
  }

  /**
   * Decode a group; its frames come by onPicture. One call at a time.
   * @param {Order} order
   * @returns {Promise<void>} when all are out, or the group was given up
   * @throws {DecodeError}
   */
  decode(order) {
    if (this.#broken !== null) return Promise.reject(new DecodeError(this.#broken));
    const call = ++this.#calls;
    this.#say({ type: "decode", id: this.#id, call, order });
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  /** Give up the group under way. */
  abandon() {
    if (this.#waiting) this.#say({ type: "abandon", id: this.#id });
  }

  close() {
    links.delete(this.#id);
    this.#say({ type: "close", id: this.#id });
    this.#waiting?.resolve();
  }

  /** @param {FromWorker} message */
  hear(message) {
    if (message.type === "picture") {
      this.#onPicture(message.frame, message.picture);
    } else if (message.call === this.#calls) {
      const waiting = this.#waiting;
      this.#waiting = null;
      if (message.type === "done") waiting?.resolve();
      else waiting?.reject(new DecodeError(message.why, message.reclaimed));
    }
  }

  /** @param {string} why the worker itself does not run */
  broke(why) {
    this.#broken = why;
    this.#waiting?.reject(new DecodeError(why));
    this.#waiting = null;
  }

  /** @param {ToWorker} message */
  #say(message) {
    startDecoding().postMessage(message);
  }
}
