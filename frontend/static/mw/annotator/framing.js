/** The engine's messages out of a stream of bytes: length, JSON head, then as many bytes as it announces. */

/** @typedef {{head: Record<string, any>, body: Uint8Array<ArrayBuffer>}} Message */

export class Framing {
  /** @type {Uint8Array<ArrayBuffer>} */ #held = new Uint8Array(0);

  /**
   * @param {Uint8Array} bytes what came next, cut anywhere
   * @returns {Message[]} what is complete now
   */
  add(bytes) {
    const joined = new Uint8Array(this.#held.length + bytes.length);
    joined.set(this.#held);
    joined.set(bytes, this.#held.length);
    this.#held = joined;
    const found = [];
    for (let message = this.#next(); message; message = this.#next()) found.push(message);
    return found;
  }

  /** Whether a message was begun and not ended. */
  get open() {
    return this.#held.length > 0;
  }

  /** @returns {Message | null} */
  #next() {
    const held = this.#held;
    if (held.length < 4) return null;
    const size = new DataView(held.buffer, held.byteOffset).getUint32(0);
    if (held.length < 4 + size) return null;
    const head = JSON.parse(new TextDecoder().decode(held.subarray(4, 4 + size)));
    const end = 4 + size + head.bytes;
    if (held.length < end) return null;
    const body = held.slice(4 + size, end);
    this.#held = held.slice(end);
    return { head, body };
  }
}
