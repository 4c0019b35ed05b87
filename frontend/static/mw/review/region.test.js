import assert from "node:assert/strict";
import { test } from "node:test";

import { regionBetween, regionOf } from "./region.js";

const SIZE = { width: 64, height: 48 };

test("a box covers every pixel that it touches, from any corner", () => {
  assert.deepEqual(regionBetween({ x: 10.4, y: 5.9 }, { x: 3.2, y: 20.1 }, SIZE), [3, 5, 8, 16]);
  assert.deepEqual(regionBetween({ x: 3.2, y: 20.1 }, { x: 10.4, y: 5.9 }, SIZE), [3, 5, 8, 16]);
});

test("a box never leaves the picture and is never empty", () => {
  assert.deepEqual(regionBetween({ x: -9, y: -3 }, { x: 900, y: 200 }, SIZE), [0, 0, 64, 48]);
  assert.deepEqual(regionBetween({ x: 80, y: 90 }, { x: 90, y: 99 }, SIZE), [63, 47, 1, 1]);
  assert.deepEqual(regionBetween({ x: 4, y: 4 }, { x: 4, y: 4 }, SIZE), [4, 4, 1, 1]);
});

test("a typed region is four whole numbers or nothing", () => {
  assert.deepEqual(regionOf("8, 6, 20 12"), [8, 6, 20, 12]);
  assert.deepEqual(regionOf("8 6 20x12"), [8, 6, 20, 12]);
  assert.equal(regionOf("8, 6, 20"), null);
  assert.equal(regionOf("8, 6, -1, 4"), null);
  assert.equal(regionOf("a b c d"), null);
});
