import assert from "node:assert/strict";
import { test } from "node:test";

import { gopNumber, gopsAround, gopsOf } from "./frame_index.js";

/**
 * @param {[number, number][]} entries key and display index, in decoding order
 * @returns {import("./frame_index.js").FrameIndex}
 */
function index(entries) {
  const chunks = entries.map(([key, display], at) => /** @type {const} */ ([100 + at * 10, 10, key, display]));
  const common = { codec: "avc1.64001F", description: "", width: 64, height: 48, full_range: false };
  return { ...common, frames: entries.length, fps: [24, 1], chunks };
}

const REORDERED = index([[1, 0], [0, 3], [0, 1], [0, 2], [1, 4], [0, 5], [1, 6], [0, 8], [0, 7]]);

test("groups begin at key frames and show their frames in any order", () => {
  const gops = gopsOf(REORDERED);
  assert.deepEqual(gops.map(({ start, end }) => [start, end]), [[0, 4], [4, 6], [6, 9]]);
  assert.deepEqual(gops.map(({ from, to }) => [from, to]), [[100, 140], [140, 160], [160, 190]]);
});

test("a frame that needs the group after it is refused, since groups are decoded alone", () => {
  assert.throws(() => gopsOf(index([[1, 0], [0, 1], [1, 3], [0, 2], [0, 5]])), /closed group|another group/);
});

test("an index that does not begin with a key frame is refused", () => {
  assert.throws(() => gopsOf(index([[0, 0], [1, 1]])), /key frame/);
});

test("every frame finds its group", () => {
  const gops = gopsOf(REORDERED);
  assert.deepEqual([0, 3, 4, 5, 6, 8].map((frame) => gopNumber(gops, frame)), [0, 0, 1, 1, 2, 2]);
});

test("the own group is wanted first, then the one ahead, then the one behind", () => {
  const gops = gopsOf(REORDERED);
  assert.deepEqual(gopsAround(gops, 4, 1, 3), [1, 2, 0]);
  assert.deepEqual(gopsAround(gops, 4, -1, 3), [1, 0, 2]);
  assert.deepEqual(gopsAround(gops, 0, 1, 3), [0, 1]);
  assert.deepEqual(gopsAround(gops, 4, 1, 2), [1, 2]);
  assert.deepEqual(gopsAround(gops, 8, 1, 1), [2]);
});

test("where a loop ends its beginning is the group ahead", () => {
  const gops = gopsOf(REORDERED);
  assert.deepEqual(gopsAround(gops, 8, 1, 3, [0, 8]), [2, 0, 1]);
  assert.deepEqual(gopsAround(gops, 0, -1, 3, [0, 8]), [0, 2, 1]);
  assert.deepEqual(gopsAround(gops, 4, 1, 3, [1, 5]), [1, 0]);
  assert.deepEqual(gopsAround(gops, 4, 1, 3, [4, 5]), [1, 0], "inside one group nothing lies ahead");
  assert.deepEqual(gopsAround(gops, 4, 1, 3, [6, 8]), [1, 2, 0], "outside the loop it says nothing");
});
