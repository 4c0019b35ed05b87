import assert from "node:assert/strict";
import { test } from "node:test";
import { tinted } from "./tint.js";

const PLANE = { width: 4, height: 1, alpha: new Uint8ClampedArray([0, 0, 255, 128]) };
const RED = /** @type {const} */ ([255, 0, 0]);

/** @param {Uint8ClampedArray} pixels */
const opacities = (pixels) => [...pixels].filter((_, at) => at % 4 === 3);

test("an overlay is half as strong as the mask", () => {
  assert.deepEqual(opacities(tinted(PLANE, RED, "overlay")), [0, 0, 128, 64]);
});

test("alone, a mask is as strong as it is", () => {
  assert.deepEqual(opacities(tinted(PLANE, RED, "alone")), [0, 0, 255, 128]);
});

test("a contour lies outside the object and never on its edge", () => {
  assert.deepEqual(opacities(tinted(PLANE, RED, "contour")), [0, 255, 0, 0]);
});
