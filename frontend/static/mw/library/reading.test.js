import assert from "node:assert/strict";
import test from "node:test";

import { applyTable, readingTable, staysSoft } from "./reading.js";

/** @type {import("./reading.js").Choice} */
const WHITE = { polarity: "white", threshold: 127, soft: false, cut: 127 };

test("a threshold makes a hard mask: above it is the object", () => {
  const table = readingTable(WHITE);
  assert.deepEqual([table[127], table[128], table[255], table[0]], [0, 255, 255, 0]);
});

test("black is turned before it is cut", () => {
  const table = readingTable({ ...WHITE, polarity: "black", threshold: 100 });
  assert.deepEqual([table[0], table[154], table[155], table[255]], [255, 255, 0, 0]);
});

test("by rule a soft mask keeps its values, another is cut", () => {
  assert.equal(readingTable({ ...WHITE, threshold: null, soft: true })[90], 90);
  assert.equal(readingTable({ ...WHITE, threshold: null, soft: true, polarity: "black" })[90], 165);
  assert.equal(readingTable({ ...WHITE, threshold: null, soft: false, cut: 0 })[1], 255);
});

test("soft is what has more than 2 % between, unless it is a trimask", () => {
  assert.equal(staysSoft(0.021, 127), true);
  assert.equal(staysSoft(0.02, 127), false);
  assert.equal(staysSoft(0.6, 191), false);
});

test("the share of the picture that is object", () => {
  const pixels = new Uint8ClampedArray([200, 200, 200, 255, 10, 10, 10, 255]);
  assert.equal(applyTable(pixels, readingTable(WHITE)), 0.5);
  assert.deepEqual([...pixels], [255, 255, 255, 255, 0, 0, 0, 255]);
});
