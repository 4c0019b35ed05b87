import assert from "node:assert/strict";
import { test } from "node:test";

import { ActionTable } from "../../keyboard/actions.js";
import { playerActions } from "../actions.js";
import { shadedPixels } from "../canvas_renderer.js";
import { PlayerModel } from "../model.js";
import { grayPicture, rgbaPicture } from "../picture.js";
import { viewShader } from "../shader.js";
import { VIEWS } from "./index.js";

const INFO = { note: "", url: "", index_url: "", width: 4, height: 4 };
/** @type {import("../stream_set.js").Layers} */
const LAYERS = {
  name: "op-0001",
  fps: [24, 1],
  frames: 8,
  width: 4,
  height: 4,
  streams: [
    { ...INFO, name: "rgb_full", kind: "rgb", label: "full" },
    { ...INFO, name: "rgb_removed", kind: "rgb", label: "removed" },
    { ...INFO, name: "mask", kind: "gray", label: "mask" },
  ],
};
const PICTURES = /** @type {Record<string, import("../picture.js").Picture>} */ ({
  rgb_full: rgbaPicture(4, 4, new Uint8Array(64).fill(200)),
  rgb_removed: rgbaPicture(4, 4, new Uint8Array(64).fill(90)),
  mask: grayPicture(4, 4, new Uint8Array(16).fill(128)),
});

/** Keys that Review uses while a viewer is on the page. */
const REVIEW_KEYS = [..."arscz123456789"];

for (const view of VIEWS) {
  test(`the view ${view.id} has an id that GLSL takes, a name, an icon and a key`, () => {
    assert.match(view.id, /^[a-z][a-z_]*$/);
    assert.ok(view.label && view.icon && view.keys.length > 0);
  });

  test(`the view ${view.id} draws panes of streams that exist`, () => {
    const model = new PlayerModel(LAYERS, { view: view.id });
    assert.equal(model.view, view);
    assert.ok(model.panes.length > 0);
    for (const { a, b, title } of model.panes) {
      const [first, second] = [PICTURES[a], b === null ? null : PICTURES[b]];
      assert.ok(first && second !== undefined && title);
      const size = { width: 4, height: 4 };
      const pixels = shadedPixels({ size, a: { name: a, picture: first }, b: second && b ? { name: b, picture: second } : null, view, amount: 0.5 });
      assert.ok(pixels.every((value, at) => (at % 4 === 3 ? value === 255 : value > 0)));
    }
  });
}

test("no view's key is taken by another action of the viewer or by Review", () => {
  const table = new ActionTable();
  const nothing = () => {};
  table.add(playerActions({ model: null, zoom: null }));
  table.add(REVIEW_KEYS.map((key) => ({ id: `review.${key}`, label: key, keys: [key], run: nothing })));
  for (const view of VIEWS) assert.ok(table.get(`player.view.${view.id}`));
});

test("the shader has every view as a mode", () => {
  const shader = viewShader(VIEWS);
  VIEWS.forEach(({ id }, mode) => assert.ok(shader.includes(`case ${mode}: return view_${id}(`)));
});

test("views of a pair are not offered for a single stream", () => {
  const model = new PlayerModel({ ...LAYERS, streams: LAYERS.streams.slice(0, 1) }, { view: "wipe" });
  assert.deepEqual(model.views.map(({ id }) => id), ["side_by_side"]);
  assert.equal(model.view.id, "side_by_side");
});

test("a page may offer fewer views", () => {
  const model = new PlayerModel({ ...LAYERS, views: ["wipe"] });
  assert.equal(model.view.id, "wipe");
});

test("the key of A/B flips while it is on, and choosing streams starts with A", () => {
  const model = new PlayerModel(LAYERS, { view: "ab_flip" });
  assert.equal(model.panes[0]?.a, "rgb_full");
  model.choose(model.view);
  assert.equal(model.panes[0]?.a, "rgb_removed");
  model.choose(model.view);
  assert.equal(model.panes[0]?.a, "rgb_full");
});

test("the wipe shows A left of the edge and B right of it", () => {
  const view = new PlayerModel(LAYERS, { view: "wipe" }).view;
  assert.deepEqual(view.pixel([1, 1, 1], [9, 9, 9], [0.2, 0.5], 0.5), [1, 1, 1]);
  assert.deepEqual(view.pixel([1, 1, 1], [9, 9, 9], [0.8, 0.5], 0.5), [9, 9, 9]);
});

test("setting in and out loops between them, and loop off forgets them", () => {
  const model = new PlayerModel(LAYERS);
  model.seek(2);
  model.setIn();
  model.seek(5);
  model.setOut();
  assert.deepEqual(model.clock.range, [2, 5]);
  model.toggleLoop();
  assert.deepEqual(model.clock.range, [0, 7]);
});
