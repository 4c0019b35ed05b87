/** Decoded masks by object and frame: what is on screen and what was seen last. */

/** @typedef {{width: number, height: number, alpha: Uint8ClampedArray}} Plane alpha 0..255 */

const KEPT = 96;

export class MaskStore {
  /** @type {Map<string, Promise<Plane | null>>} */ #planes = new Map();

  /** @param {(object: number, frame: number) => string} url */
  constructor(url) {
    this.url = url;
  }

  /**
   * @param {number} object
   * @param {number} frame
   * @returns {Promise<Plane | null>} null where there is no mask
   */
  get(object, frame) {
    const key = `${object} ${frame}`;
    const held = this.#planes.get(key) ?? this.#fetched(object, frame);
    this.#keep(key, held);
    return held;
  }

  /**
   * @param {number} object
   * @param {number} frame
   * @param {Uint8Array<ArrayBuffer> | null} png null: there is none
   */
  put(object, frame, png) {
    const plane = png ? decoded(new Blob([png], { type: "image/png" })) : Promise.resolve(null);
    this.#keep(`${object} ${frame}`, plane);
    return plane;
  }

  /** What somebody else may have changed meanwhile is asked for anew. */
  clear() {
    this.#planes.clear();
  }

  /** @param {string} key @param {Promise<Plane | null>} plane */
  #keep(key, plane) {
    this.#planes.delete(key);
    this.#planes.set(key, plane);
    for (const old of this.#planes.keys()) {
      if (this.#planes.size <= KEPT) break;
      this.#planes.delete(old);
    }
  }

  /** @param {number} object @param {number} frame */
  async #fetched(object, frame) {
    const answer = await fetch(this.url(object, frame));
    return answer.ok ? decoded(await answer.blob()) : null;
  }
}

/** @param {Blob} png @returns {Promise<Plane>} */
async function decoded(png) {
  const bitmap = await createImageBitmap(png, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = bitmap;
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true }));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const alpha = new Uint8ClampedArray(width * height);
  for (let at = 0; at < alpha.length; at++) alpha[at] = /** @type {number} */ (data[4 * at]);
  return { width, height, alpha };
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
