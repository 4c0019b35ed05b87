import assert from "node:assert/strict";
import { test } from "node:test";

import { bestColumns, FIT, nextStep, panBy, pixelUnder, place, zoomTo } from "./transform.js";

const PANE = { width: 480, height: 300 };
const CLIP = { width: 640, height: 384 };

test("fit shows the whole picture, right under its name", () => {
  assert.deepEqual(place(FIT, PANE, CLIP), { scale: 0.75, left: 0, top: 0 });
  assert.deepEqual(place(FIT, { width: 700, height: 192 }, CLIP), { scale: 0.5, left: 190, top: 0 });
});

test("panning from fit begins where the picture is", () => {
  const wide = { width: 700, height: 400 };
  const before = place(FIT, wide, CLIP);
  const after = place(panBy(FIT, wide, CLIP, 5, 7), wide, CLIP);
  assert.deepEqual([after.left - before.left, after.top - before.top], [5, 7]);
});

test("the point under the cursor stays where it is while zooming", () => {
  const at = { x: 300, y: 140 };
  const before = pixelUnder(FIT, PANE, CLIP, at);
  for (const scale of [1, 2, 8]) {
    const after = pixelUnder(zoomTo(FIT, PANE, CLIP, scale, at), PANE, CLIP, at);
    assert.ok(before && after && Math.abs(before.x - after.x) <= 1 && Math.abs(before.y - after.y) <= 1);
  }
});

test("at 100 % one picture pixel is one device pixel and edges are whole", () => {
  const { scale, left, top } = place(zoomTo(FIT, PANE, CLIP, 1, { x: 240, y: 150 }), PANE, CLIP);
  assert.equal(scale, 1);
  assert.ok(Number.isInteger(left) && Number.isInteger(top));
});

test("panning moves by as many device pixels as asked and ends at the picture's edge", () => {
  const zoomed = zoomTo(FIT, PANE, CLIP, 2, { x: 240, y: 150 });
  const moved = panBy(zoomed, PANE, CLIP, 40, -20);
  assert.equal(place(moved, PANE, CLIP).left - place(zoomed, PANE, CLIP).left, 40);
  assert.equal(place(moved, PANE, CLIP).top - place(zoomed, PANE, CLIP).top, -20);
  assert.equal(panBy(zoomed, PANE, CLIP, 1e6, 0).x, 0);
});

test("beside the picture there is no pixel", () => {
  assert.equal(pixelUnder(FIT, PANE, CLIP, { x: 10, y: 292 }), null);
  assert.deepEqual(pixelUnder(FIT, PANE, CLIP, { x: 0, y: 0 }), { x: 0, y: 0 });
});

test("zoom steps go up and down and stop at the ends", () => {
  assert.equal(nextStep(0.75, 1), 1);
  assert.equal(nextStep(1, -1), 0.5);
  assert.equal(nextStep(32, 1), 32);
});

test("panes are laid out so that pictures are largest", () => {
  assert.equal(bestColumns(4, { width: 950, height: 620 }, 5 / 3, 20), 2);
  assert.equal(bestColumns(4, { width: 2000, height: 320 }, 5 / 3, 20), 4);
  assert.equal(bestColumns(3, { width: 400, height: 900 }, 5 / 3, 20), 1);
  assert.equal(bestColumns(1, { width: 400, height: 900 }, 5 / 3, 20), 1);
});
