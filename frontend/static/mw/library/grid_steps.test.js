import assert from "node:assert/strict";
import test from "node:test";

import { stepInGrid } from "./grid_steps.js";

test("arrows move by one card, or by one row", () => {
  assert.equal(stepInGrid(3, "ArrowRight", 4, 10), 4);
  assert.equal(stepInGrid(4, "ArrowLeft", 4, 10), 3);
  assert.equal(stepInGrid(1, "ArrowDown", 4, 10), 5);
  assert.equal(stepInGrid(5, "ArrowUp", 4, 10), 1);
});

test("an edge holds", () => {
  assert.equal(stepInGrid(0, "ArrowLeft", 4, 10), 0);
  assert.equal(stepInGrid(9, "ArrowRight", 4, 10), 9);
  assert.equal(stepInGrid(8, "ArrowDown", 4, 10), 8);
  assert.equal(stepInGrid(2, "ArrowUp", 4, 10), 2);
});

test("Home and End lead to the first and the last card", () => {
  assert.equal(stepInGrid(5, "Home", 4, 10), 0);
  assert.equal(stepInGrid(5, "End", 4, 10), 9);
});
