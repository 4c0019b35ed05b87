import assert from "node:assert/strict";
import { test } from "node:test";

import { CONNECTED, differenceMap, OBJECT, SAME, UNEXPLAINED, unexplainedShare } from "./difference_map.js";
import { rgbaPicture } from "./picture.js";

const [WIDTH, HEIGHT] = [40, 24];

/** @param {(x: number, y: number) => number} value */
function picture(value) {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, at) => (at % 4 === 3 ? 255 : value((at >> 2) % WIDTH, Math.floor((at >> 2) / WIDTH))));
  return rgbaPicture(WIDTH, HEIGHT, data);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {readonly [number, number, number, number]} box left, top, right, bottom
 */
const inside = (x, y, [left, top, right, bottom]) => x >= left && x < right && y >= top && y < bottom;

/** Object, its shadow that touches it, and something that touches nothing. */
const OBJECT_BOX = /** @type {const} */ ([4, 4, 12, 12]);
const SHADOW = /** @type {const} */ ([11, 8, 22, 12]);
const STRAY = /** @type {const} */ ([30, 15, 36, 21]);

const covered = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => (inside(at % WIDTH, Math.floor(at / WIDTH), OBJECT_BOX) ? 1 : 0));
const removed = picture(() => 100);
const full = picture((x, y) => (inside(x, y, OBJECT_BOX) ? 220 : inside(x, y, SHADOW) ? 60 : inside(x, y, STRAY) ? 140 : 100));

test("a shadow hangs together with its object, and what stands apart is not explained", () => {
  const { data } = differenceMap(full, removed, covered);
  const at = (/** @type {number} */ x, /** @type {number} */ y) => data[y * WIDTH + x];
  assert.equal(at(8, 8), OBJECT);
  assert.equal(at(18, 10), CONNECTED);
  assert.equal(at(33, 18), UNEXPLAINED);
  assert.equal(at(2, 20), SAME);
});

test("the share counts only what nothing explains", () => {
  const share = unexplainedShare(differenceMap(full, removed, covered));
  // 6 x 6 pixels, and the ring that the mean of 3 x 3 adds around them.
  assert.ok(share >= (100 * 36) / (WIDTH * HEIGHT) && share <= (100 * 64) / (WIDTH * HEIGHT));
  assert.equal(unexplainedShare(differenceMap(removed, removed, covered)), 0);
});

test("noise of a codec is no difference", () => {
  const noisy = picture((x, y) => 100 + ((x * 7 + y * 3) % 17) - 8);
  assert.equal(unexplainedShare(differenceMap(noisy, removed, new Uint8Array(WIDTH * HEIGHT))), 0);
});
