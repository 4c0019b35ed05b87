import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameCache } from "./frame_cache.js";
import { grayPicture, matrixFor, pixelAt, rgbaPicture } from "./picture.js";
import { rgbaOf } from "./rgba.js";

/** @typedef {import("./picture.js").Picture} Picture */

const [WIDTH, HEIGHT] = [10, 6];
const noise = (/** @type {number} */ length) => Uint8Array.from({ length }, (_, at) => (at * 7919 + (at >> 3) * 104729) % 251);

/** @type {Record<string, Picture>} */
const PICTURES = {
  gray: grayPicture(WIDTH, HEIGHT, noise(WIDTH * HEIGHT)),
  rgba: rgbaPicture(WIDTH, HEIGHT, noise(WIDTH * HEIGHT * 4)),
  i420: planar("i420", [[0, 12], [72, 8], [96, 8]]),
  nv12: planar("nv12", [[0, 12], [72, 12]]),
};

/**
 * @param {"i420" | "nv12"} format
 * @param {[offset: number, stride: number][]} planes with rows that are longer than the picture is wide
 * @returns {Picture}
 */
function planar(format, planes) {
  const data = noise(120);
  const named = planes.map(([offset, stride]) => ({ offset, stride }));
  return { format, width: WIDTH, height: HEIGHT, data, planes: named, matrix: matrixFor("bt709", false), bytes: 120, frame: 0 };
}

for (const [format, picture] of Object.entries(PICTURES)) {
  test(`a ${format} picture as a whole is the same as pixel by pixel`, () => {
    const whole = rgbaOf(picture);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const at = (y * WIDTH + x) * 4;
        assert.deepEqual([...whole.slice(at, at + 4)], [...pixelAt(picture, x, y), 255], `pixel ${x}, ${y}`);
      }
    }
  });
}

test("colours that leave the range end at black and white", () => {
  // Y, Cb and Cr at their ends: every corner of the cube, and what lies beyond it.
  const data = Uint8Array.from([0, 255, 255, 0, 16, 235, 0, 255, 0, 255]);
  for (const [name, full] of /** @type {const} */ ([["bt709", false], ["bt709", true], ["smpte170m", false], ["bt470bg", true]])) {
    /** @type {Picture} */
    const picture = { format: "i420", width: 4, height: 2, data, planes: [{ offset: 0, stride: 4 }, { offset: 6, stride: 2 }, { offset: 8, stride: 2 }], matrix: matrixFor(name, full), bytes: 10, frame: 0 };
    const whole = rgbaOf(picture);
    for (let at = 0; at < 8; at++) assert.deepEqual([...whole.slice(at * 4, at * 4 + 4)], [...pixelAt(picture, at % 4, at >> 2), 255]);
  }
});

test("what was made before is not made again, and goes with the bitmap when there is no room", () => {
  const rgba = new Uint8ClampedArray(4);
  const picture = { ...grayPicture(1, 1, new Uint8Array(1)), rgba };
  assert.equal(rgbaOf(picture), rgba);
  /** @type {FrameCache<Picture>} */
  const cache = new FrameCache(8, 1);
  cache.put(0, picture);
  cache.put(1, { ...picture });
  assert.equal(cache.bytes, 2 * (1 + 4));
  cache.trim(1, [{ start: 0, end: 2 }]);
  assert.deepEqual([cache.get(0)?.rgba, cache.get(1)?.rgba, cache.bytes], [undefined, rgba, 1 + 1 + 4]);
});

test("bitmaps far from the playhead go first, those behind it before those ahead, and are closed", () => {
  const closed = /** @type {number[]} */ ([]);
  /** @type {FrameCache<{bytes: number, bitmap?: {width: number, height: number, close(): void} | undefined}>} */
  const cache = new FrameCache(8, 3);
  for (const frame of [2, 3, 4, 5, 6]) {
    cache.put(frame, { bytes: 10, bitmap: { width: 1, height: 1, close: () => void closed.push(frame) } });
  }
  cache.trim(4, [{ start: 0, end: 8 }], 1);
  assert.deepEqual(closed.sort(), [2, 3]);
  assert.deepEqual([2, 3, 4, 5, 6].map((frame) => Boolean(cache.get(frame)?.bitmap)), [false, false, true, true, true]);
  assert.equal(cache.bytes, 5 * 10 + 3 * 4);
  cache.clear();
  assert.deepEqual(closed.sort(), [2, 3, 4, 5, 6]);
});
