/** Decoded frames near the playhead; what is far away goes first. */

/**
 * @template {{bytes: number}} T
 */
export class FrameCache {
  /** @type {Map<number, T>} */ #held = new Map();
  /** @type {number} of everything held */ bytes = 0;

  /** @param {number} capacity frames */
  constructor(capacity) {
    this.capacity = capacity;
  }

  get size() {
    return this.#held.size;
  }

  /** @param {number} frame */
  has(frame) {
    return this.#held.has(frame);
  }

  /** @param {number} frame */
  get(frame) {
    return this.#held.get(frame);
  }

  /**
   * @param {number} frame
   * @param {T} picture
   */
  put(frame, picture) {
    this.#drop(frame);
    this.#held.set(frame, picture);
    this.bytes += picture.bytes;
  }

  /**
   * Let go of the frames farthest from the playhead until the rest fits. Frames of [from, to) are
   * spared, so that frames being decoded ahead cannot push each other out for ever.
   * @param {number} playhead
   * @param {number} from
   * @param {number} to
   */
  trim(playhead, from, to) {
    const over = this.#held.size - this.capacity;
    if (over <= 0) return;
    const outside = [...this.#held.keys()].filter((frame) => frame < from || frame >= to);
    outside.sort((a, b) => Math.abs(b - playhead) - Math.abs(a - playhead));
    for (const frame of outside.slice(0, over)) this.#drop(frame);
  }

  clear() {
    this.#held.clear();
    this.bytes = 0;
  }

  /** @param {number} frame */
  #drop(frame) {
    const picture = this.#held.get(frame);
    if (!picture) return;
    this.bytes -= picture.bytes;
    this.#held.delete(frame);
  }
}
