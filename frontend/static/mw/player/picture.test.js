import assert from "node:assert/strict";
import { test } from "node:test";

import { grayPicture, matrixFor, pixelAt } from "./picture.js";

/**
 * A flat 4 x 4 picture.
 * @param {[number, number, number]} yuv
 * @param {boolean} full
 * @param {"i420" | "nv12"} format
 * @returns {import("./picture.js").Picture}
 */
function flat([y, cb, cr], full, format = "i420") {
  const chroma = format === "i420" ? [cb, cb, cb, cb, cr, cr, cr, cr] : [cb, cr, cb, cr, cb, cr, cb, cr];
  const data = Uint8Array.from([...Array(16).fill(y), ...chroma]);
  const planes = format === "i420" ? [[0, 4], [16, 2], [20, 2]] : [[0, 4], [16, 4]];
  const named = planes.map(([offset = 0, stride = 0]) => ({ offset, stride }));
  return { format, width: 4, height: 4, data, planes: named, matrix: matrixFor("bt709", full), bytes: 24, frame: -1 };
}

test("every value of a gray picture is what was stored", () => {
  const data = Uint8Array.from({ length: 256 }, (_, value) => value);
  const picture = grayPicture(16, 16, data);
  for (let value = 0; value < 256; value++) {
    assert.deepEqual(pixelAt(picture, value % 16, value >> 4), [value, value, value]);
  }
});

test("limited range: 16 is black, 235 is white, and greys have no hue", () => {
  assert.deepEqual(pixelAt(flat([16, 128, 128], false), 1, 1), [0, 0, 0]);
  assert.deepEqual(pixelAt(flat([235, 128, 128], false), 2, 3), [255, 255, 255]);
  assert.deepEqual(pixelAt(flat([126, 128, 128], false), 0, 0), [128, 128, 128]);
});

test("the colours of BT.709 come back", () => {
  assert.deepEqual(pixelAt(flat([63, 102, 240], false), 1, 2), [255, 1, 0]);
  assert.deepEqual(pixelAt(flat([173, 42, 26], false), 1, 2), [0, 255, 1]);
  assert.deepEqual(pixelAt(flat([32, 240, 118], false, "nv12"), 3, 3), [1, 0, 255]);
});

test("chroma lies level with even columns and half way between rows", () => {
  const picture = flat([126, 128, 128], true);
  picture.data[17] = 168;
  const blue = [0, 1, 2, 3].map((x) => pixelAt(picture, x, 0)[2]);
  assert.equal(blue[0], 126);
  assert.ok((blue[1] ?? 0) > 126 && (blue[1] ?? 0) < (blue[2] ?? 0));
  assert.equal(blue[3], blue[2]);
  const down = [0, 1, 2, 3].map((y) => pixelAt(picture, 2, y)[2] - 126);
  assert.ok((down[0] ?? 0) > (down[1] ?? 0) && (down[1] ?? 0) > (down[2] ?? 0) && down[3] === 0);
});
