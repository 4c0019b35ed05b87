/** Decoded frames near the playhead; what is far away goes first. */

/** A frame behind the playhead counts as if it were so many times as far away as one ahead. */
const BEHIND = 3;

/**
 * @template {{bytes: number, bitmap?: {width: number, height: number, close(): void} | undefined, rgba?: {byteLength: number} | undefined}} T
 */
export class FrameCache {
  /** @type {Map<number, T>} */ #held = new Map();
  /** @type {number} of everything held */ bytes = 0;

  /**
   * @param {number} capacity frames
   * @param {number} [bitmaps] how many of them may keep a bitmap or RGBA, which are only faster to draw
   */
  constructor(capacity, bitmaps = Infinity) {
    this.capacity = capacity;
    this.bitmaps = bitmaps;
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
    this.bytes += bytesOf(picture);
  }

  /**
   * Let go of the frames farthest from the playhead until the rest fits. Frames of the spans are
   * spared, so that frames being decoded ahead cannot push each other out for ever; their bitmaps
   * are not.
   * @param {number} playhead
   * @param {readonly {start: number, end: number}[]} spans first frame, and one after the last
   * @param {1 | -1} [direction] of travel; bitmaps behind the playhead go first
   */
  trim(playhead, spans, direction = 1) {
    const over = this.#held.size - this.capacity;
    if (over > 0) {
      const outside = [...this.#held.keys()].filter((frame) => !spans.some(({ start, end }) => frame >= start && frame < end));
      outside.sort((a, b) => Math.abs(b - playhead) - Math.abs(a - playhead));
      for (const frame of outside.slice(0, over)) this.#drop(frame);
    }
    if (this.#held.size > this.bitmaps) this.#trimBitmaps(playhead, direction);
  }

  clear() {
    for (const picture of this.#held.values()) strip(picture);
    this.#held.clear();
    this.bytes = 0;
  }

  /**
   * @param {number} playhead
   * @param {1 | -1} direction
   */
  #trimBitmaps(playhead, direction) {
    const away = (/** @type {number} */ frame) => {
      const ahead = (frame - playhead) * direction;
      return ahead < 0 ? -ahead * BEHIND : ahead;
    };
    const kept = [...this.#held.keys()].filter((frame) => this.#held.get(frame)?.bitmap || this.#held.get(frame)?.rgba);
    kept.sort((a, b) => away(a) - away(b));
    for (const frame of kept.slice(this.bitmaps)) {
      const picture = /** @type {T} */ (this.#held.get(frame));
      this.bytes -= bytesOf(picture);
      strip(picture);
      this.bytes += bytesOf(picture);
    }
  }

  /** @param {number} frame */
  #drop(frame) {
    const picture = this.#held.get(frame);
    if (!picture) return;
    this.bytes -= bytesOf(picture);
    strip(picture);
    this.#held.delete(frame);
  }
}

/** @param {{bytes: number, bitmap?: {width: number, height: number} | undefined, rgba?: {byteLength: number} | undefined}} picture */
function bytesOf({ bytes, bitmap, rgba }) {
  return bytes + (bitmap ? bitmap.width * bitmap.height * 4 : 0) + (rgba?.byteLength ?? 0);
}

/**
 * Whoever still shows the picture draws it from its planes.
 * @param {{bitmap?: {close(): void} | undefined, rgba?: unknown}} picture
 */
function strip(picture) {
  picture.bitmap?.close();
  picture.bitmap = undefined;
  picture.rgba = undefined;
}
