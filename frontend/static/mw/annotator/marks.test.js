import assert from "node:assert/strict";
import { test } from "node:test";
import { Drag, leastSure } from "./marks.js";

const BRUSH = { radius: 12, soft: 0.3 };

/** @param {import("./marks.js").Tool} tool @param {number[][]} points @param {boolean} [positive] */
function drag(tool, points, positive = true) {
  const made = new Drag(tool, positive, 2);
  for (const [x, y] of points) made.add({ x: Number(x), y: Number(y) });
  return made;
}

test("a drag that hardly moved is a click", () => {
  const mark = drag("scribble", [[10, 10], [10.9, 10]]).mark(BRUSH);
  assert.equal(mark?.kind, "click");
  assert.deepEqual(mark?.points, [[10, 10]]);
});

test("one drag is one mark, with the points that say something", () => {
  const mark = drag("scribble", [[0, 0], [0.1, 0], [5, 0], [9, 0]], false).mark(BRUSH);
  assert.deepEqual([mark?.kind, mark?.positive, mark?.points], ["scribble", false, [[0, 0], [5, 0], [9, 0]]]);
});

test("where the pointer goes after it was lifted is no part of the mark", () => {
  const drawn = drag("scribble", [[0, 0], [9, 0]]);
  const mark = drawn.mark(BRUSH);
  assert.equal(drawn.add({ x: 40, y: 40 }), false);
  assert.deepEqual(mark?.points, [[0, 0], [9, 0]]);
});

test("a box keeps two corners, and one that holds nothing is no mark", () => {
  assert.deepEqual(drag("box", [[2, 3], [5, 5], [9, 8]]).mark(BRUSH)?.points, [[2, 3], [9, 8]]);
  assert.equal(drag("box", [[2, 3]]).mark(BRUSH), null);
  assert.equal(drag("outline", [[2, 3], [9, 3]]).mark(BRUSH), null);
});

test("an eraser is a brush that takes away, whatever button was pressed", () => {
  const mark = drag("erase", [[0, 0], [9, 0]]).mark(BRUSH);
  assert.deepEqual([mark?.kind, mark?.positive, mark?.radius, mark?.soft], ["brush", false, 12, 0.3]);
});

test("pressure is kept per point, for a pen only", () => {
  const pen = new Drag("brush", true, 1);
  pen.add({ x: 0, y: 0 }, 0.2);
  pen.add({ x: 4, y: 0 }, 0.8);
  assert.deepEqual(pen.mark(BRUSH)?.pressure, [0.2, 0.8]);
  assert.deepEqual(drag("brush", [[0, 0]]).mark(BRUSH)?.pressure, []);
});

test("the frame of which the engine is least sure comes next, never one that was drawn on", () => {
  /** @type {[number, string, number][]} */
  const frames = [[0, "hand", 0], [1, "engine", 0.9], [2, "engine", 0.3], [3, "engine", 0.3]];
  assert.equal(leastSure([{ frames }]), 2);
  assert.equal(leastSure([{ frames: [[0, "hand", 1]] }]), null);
});
