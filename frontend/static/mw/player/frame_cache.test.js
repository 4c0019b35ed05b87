import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameCache } from "./frame_cache.js";

/** @param {number[]} frames */
function filled(frames, capacity = 4) {
  const cache = new FrameCache(capacity);
  for (const frame of frames) cache.put(frame, { bytes: 10 });
  return cache;
}

test("the frames farthest from the playhead go first", () => {
  const cache = filled([0, 1, 10, 11, 12, 30]);
  cache.trim(11, [{ start: 11, end: 12 }]);
  assert.deepEqual([0, 1, 10, 11, 12, 30].filter((frame) => cache.has(frame)), [1, 10, 11, 12]);
});

test("frames that are wanted stay, however far they are", () => {
  const cache = filled([0, 1, 2, 20, 21, 22]);
  cache.trim(0, [{ start: 20, end: 24 }]);
  assert.deepEqual([20, 21, 22].every((frame) => cache.has(frame)), true);
  assert.equal(cache.size, 4);
});

test("what lies between two spans is not spared", () => {
  const cache = filled([0, 1, 10, 11, 20, 21]);
  cache.trim(21, [{ start: 20, end: 22 }, { start: 0, end: 2 }]);
  assert.deepEqual([0, 1, 10, 11, 20, 21].filter((frame) => cache.has(frame)), [0, 1, 20, 21]);
});

test("bytes follow what is held, also when a frame comes twice", () => {
  const cache = filled([0, 1, 2, 3, 4, 5]);
  cache.put(5, { bytes: 30 });
  assert.equal(cache.bytes, 80);
  cache.trim(5, [{ start: 5, end: 6 }]);
  assert.equal(cache.bytes, 60);
  cache.clear();
  assert.deepEqual([cache.bytes, cache.size], [0, 0]);
});
