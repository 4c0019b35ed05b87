import assert from "node:assert/strict";
import { test } from "node:test";

import { frameAt, stepAt } from "./film.js";

test("the pointer's x picks one of eight pictures, the edges included", () => {
  assert.equal(stepAt(0, 176), 0);
  assert.equal(stepAt(87, 176), 3);
  assert.equal(stepAt(176, 176), 7);
  assert.equal(stepAt(-3, 176), 0);
});

test("the first and the last picture are the clip's first and last frame", () => {
  assert.equal(frameAt(0, 84), 0);
  assert.equal(frameAt(7, 84), 83);
  assert.equal(frameAt(4, 1), 0);
});
