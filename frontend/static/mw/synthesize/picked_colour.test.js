import assert from "node:assert/strict";
import { test } from "node:test";
import { colourAround, inside, stepped } from "./picked_colour.js";

const SIZE = { width: 40, height: 30 };

/** @param {(x: number, y: number) => number[]} paint */
function picture(paint) {
  const data = new Uint8ClampedArray(4 * SIZE.width * SIZE.height);
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) data.set([...paint(x, y), 255], 4 * (y * SIZE.width + x));
  }
  return { ...SIZE, data };
}

/** @param {ReturnType<typeof picture>} shown @param {{x: number, y: number}} place */
function seen(shown, place) {
  const [sign, ...digits] = colourAround(shown, place);
  assert.deepEqual([sign, digits.length], ["#", 6]);
  return Number.parseInt(digits.join(""), 16);
}

test("the colour is that of the pixels around the place, not of one with grain", () => {
  const flat = picture(() => [50, 160, 60]);
  assert.equal(seen(flat, { x: 20, y: 15 }), 0x32a03c);
  const grainy = picture((x, y) => [50, 160 + (x === 20 && y === 15 ? 75 : 0), 60]);
  assert.equal(seen(grainy, { x: 20, y: 15 }), 0x32a33c);
  assert.equal(seen(grainy, { x: 20, y: 20 }), 0x32a03c);
});

test("at a corner it is the mean of what there is, and small numbers keep their place", () => {
  const halves = picture((x) => (x < 2 ? [0, 10, 0] : [0, 40, 9]));
  assert.equal(seen(halves, { x: 0, y: 0 }), 0x001403);
  assert.equal(seen(halves, { x: 39, y: 29 }), 0x002809);
});

test("arrow keys move by a pixel, with Shift by ten, and stop at the border", () => {
  const key = (/** @type {string} */ name, shiftKey = false) => ({ key: name, shiftKey });
  assert.deepEqual(stepped({ x: 5, y: 5 }, key("ArrowRight"), SIZE), { x: 6, y: 5 });
  assert.deepEqual(stepped({ x: 5, y: 5 }, key("ArrowUp", true), SIZE), { x: 5, y: 0 });
  assert.deepEqual(stepped({ x: 39, y: 29 }, key("ArrowDown"), SIZE), { x: 39, y: 29 });
  assert.equal(stepped({ x: 5, y: 5 }, key("a"), SIZE), null);
});

test("a place beside the picture is its nearest pixel", () => {
  assert.deepEqual(inside({ x: -3, y: 99.7 }, SIZE), { x: 0, y: 29 });
  assert.deepEqual(inside({ x: 12.9, y: 0.2 }, SIZE), { x: 12, y: 0 });
});
