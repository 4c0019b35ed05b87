import assert from "node:assert/strict";
import { test } from "node:test";

import { ActionTable } from "../../keyboard/actions.js";
import { playerActions } from "../actions.js";
import { shadedPixels } from "../canvas_renderer.js";
import { PlayerModel } from "../model.js";
import { cropOf } from "../crop.js";
import { grayPicture, matrixFor, rgbaPicture } from "../picture.js";
import { rgbaOf } from "../rgba.js";
import { viewShader } from "../shader.js";
import { VIEWS, viewNamed } from "./index.js";
import { FOOTAGE, packed, valuesOf } from "./view.js";

/** @typedef {import("../picture.js").Picture} Picture */
/** @typedef {[number, number, number]} Rgb */
/** @typedef {import("./view.js").Values} Values */

const START = { picked: {}, values: {}, flipped: false, only: null, behind: null, room: 800 };

const INFO = { note: "", url: "", index_url: "", width: 4, height: 4 };
/** @type {import("../stream_set.js").Layers} */
const LAYERS = {
  name: "op-0001",
  fps: [24, 1],
  frames: 8,
  width: 4,
  height: 4,
  edge_crops: [
    { frame: 6, box: [1, 1, 2, 2] },
    { frame: 2, box: [0, 0, 2, 2] },
  ],
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
    for (const { inputs, title } of model.panes) {
      assert.ok(title && inputs.length > 0 && inputs.length <= 3);
      const pictures = inputs.map(({ stream }) => ({ key: stream, picture: /** @type {Picture} */ (PICTURES[stream]) }));
      assert.ok(pictures.every(({ picture }) => picture));
      const size = { width: 4, height: 4 };
      const pixels = shadedPixels({ size, inputs: pictures, view, values: model.values });
      assert.equal(pixels.length, 64);
      assert.ok(pixels.every((value, at) => at % 4 !== 3 || value === 255));
    }
  });

  test(`every setting of the view ${view.id} says where it begins and ends`, () => {
    assert.ok(view.settings.length <= 4);
    for (const { label, value, least, most, options } of view.settings) {
      assert.ok(label);
      if (options) assert.ok(options[value] !== undefined);
      else assert.ok(least !== undefined && most !== undefined && least <= value && value <= most);
    }
  });
}

test("no view's key is taken by another action of the viewer or by Review", () => {
  const table = new ActionTable();
  const nothing = () => {};
  table.add(playerActions({ model: null, zoom: null, stills: null, frame: -1 }));
  table.add(REVIEW_KEYS.map((key) => ({ id: `review.${key}`, label: key, keys: [key], run: nothing })));
  for (const view of VIEWS) assert.ok(table.get(`player.view.${view.id}`));
});

test("the shader has every view as a mode", () => {
  const shader = viewShader(VIEWS);
  VIEWS.forEach(({ id }, mode) => assert.ok(shader.includes(`case ${mode}: return view_${id}(`)));
});

test("only views that one colour stream is enough for are offered for one", () => {
  const model = new PlayerModel({ ...LAYERS, streams: LAYERS.streams.slice(0, 1) }, { view: "wipe" });
  assert.deepEqual(model.views.map(({ id }) => id), ["side_by_side", "onion", "levels"]);
  assert.equal(model.view.id, "side_by_side");
});

test("a page may offer fewer views", () => {
  const model = new PlayerModel({ ...LAYERS, views: ["wipe"] });
  assert.equal(model.view.id, "wipe");
});

test("the key of A/B flips while it is on, and choosing streams starts with A", () => {
  const model = new PlayerModel(LAYERS, { view: "ab_flip" });
  const shown = () => model.panes[0]?.inputs[0]?.stream;
  assert.equal(shown(), "rgb_full");
  model.choose(model.view);
  assert.equal(shown(), "rgb_removed");
  model.pick("a", "mask");
  assert.equal(shown(), "mask");
});

test("what is chosen to compare holds for every view that compares two", () => {
  const model = new PlayerModel(LAYERS, { view: "wipe" });
  model.pick("b", "mask");
  model.choose(viewNamed("difference"));
  assert.deepEqual(model.picked, { a: "rgb_full", b: "mask" });
});

/**
 * What the view makes of one place of pictures of one colour.
 * @param {string} id
 * @param {{a?: Rgb, b?: Rgb, c?: Rgb}} colours
 * @param {Values} [values]
 * @param {readonly [number, number]} [at]
 */
function shaded(id, { a = [0, 0, 0], b = a, c = a }, values, [x, y] = [0.5, 0.5]) {
  const view = viewNamed(id);
  const size = { width: 100, height: 50 };
  const filled = (/** @type {Rgb} */ rgb) => new Uint32Array(5000).fill(packed(...rgb));
  const out = new Uint32Array(5000);
  view.paint({ a: filled(a), b: filled(b), c: filled(c) }, out, values ?? valuesOf(view, START), size);
  const word = out[Math.floor(y * 50) * 100 + Math.floor(x * 100)] ?? 0;
  return [word & 255, (word >> 8) & 255, (word >> 16) & 255];
}

test("the wipe shows A before the edge and B beyond it, at any angle", () => {
  /** @type {{a: Rgb, b: Rgb}} */
  const colours = { a: [1, 1, 1], b: [9, 9, 9] };
  assert.deepEqual(shaded("wipe", colours, [50, 0, 0, 0], [0.2, 0.5]), [1, 1, 1]);
  assert.deepEqual(shaded("wipe", colours, [50, 0, 0, 0], [0.8, 0.5]), [9, 9, 9]);
  assert.deepEqual(shaded("wipe", colours, [50, 90, 0, 0], [0.8, 0.2]), [1, 1, 1]);
  assert.deepEqual(shaded("wipe", colours, [50, 90, 0, 0], [0.2, 0.8]), [9, 9, 9]);
  assert.deepEqual(shaded("wipe", colours, [0, 37, 0, 0], [0.001, 0.001]), [9, 9, 9]);
  assert.deepEqual(shaded("wipe", colours, [100, 37, 0, 0], [0.999, 0.999]), [1, 1, 1]);
});

test("the rows of a wipe change sides where the edge says it, pixel by pixel", () => {
  const size = { width: 37, height: 23 };
  const count = size.width * size.height;
  const [a, b, out] = [new Uint32Array(count).fill(1), new Uint32Array(count).fill(2), new Uint32Array(count)];
  for (const percent of [0, 1, 33, 50, 66.6, 99, 100]) {
    for (let degrees = -180; degrees <= 180; degrees += 15) {
      viewNamed("wipe").paint({ a, b, c: a }, out, [percent, degrees, 0, 0], size);
      const angle = (degrees * Math.PI) / 180;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const distance = (percent / 100 - 0.5) * (Math.abs(size.width * cos) + Math.abs(size.height * sin));
      const wanted = Uint32Array.from({ length: count }, (_, at) => {
        const [x, y] = [at % size.width, Math.floor(at / size.width)];
        return (x + 0.5 - size.width / 2) * cos + ((y + 0.5 - size.height / 2) * sin - distance) < 0 ? 1 : 2;
      });
      assert.deepEqual(out, wanted, `${percent} %, ${degrees}°`);
    }
  }
});

test("the edge of a wipe goes where it is dragged, and turns under the hand", () => {
  const { grip } = viewNamed("wipe");
  const size = { width: 100, height: 50 };
  assert.equal(grip?.distance({ x: 60, y: 3 }, [50, 0, 0, 0], size), 10);
  for (const angle of [0, 30, 90, -120]) {
    const moved = grip?.drag({ x: 61, y: 20 }, [50, angle, 0, 0], size) ?? [0, 0, 0, 0];
    assert.ok((grip?.distance({ x: 61, y: 20 }, moved, size) ?? 9) < 0.1);
    const turned = grip?.turn({ x: 61, y: 40 }, [50, angle, 0, 0], size) ?? [0, 0, 0, 0];
    assert.ok((grip?.distance({ x: 61, y: 40 }, turned, size) ?? 9) < 0.3);
  }
});

test("the difference is multiplied by its gain and ends at white", () => {
  assert.deepEqual(shaded("difference", { a: [10, 20, 200], b: [12, 20, 100] }, [8, 0, 0, 0]), [16, 0, 255]);
});

test("the onion mixes three frames by their shares", () => {
  assert.deepEqual(shaded("onion", { a: [100, 100, 100], b: [200, 200, 200], c: [0, 0, 0] }, [25, 25, 0, 0]), [100, 100, 100]);
});

test("the steps of alpha begin and end at the values that they name", () => {
  const grey = (/** @type {number} */ value) => shaded("alpha_lut", { a: [value, value, value] });
  for (const value of [0, 13, 128, 242, 255]) assert.deepEqual(grey(value), [value, value, value]);
  assert.deepEqual(grey(1), grey(12));
  assert.deepEqual(grey(243), grey(254));
  assert.notDeepEqual(grey(12), [12, 12, 12]);
  assert.notDeepEqual(grey(243), [243, 243, 243]);
});

test("levels stretch what lies between black and white", () => {
  assert.deepEqual(shaded("levels", { a: [10, 20, 30] }, [10, 30, 0, 0]), [0, 128, 255]);
});

test("the composite shows the background as far as alpha lets it, and its key goes to the next", () => {
  /** @type {{a: Rgb, b: Rgb}} */
  const half = { a: [200, 100, 0], b: [51, 51, 51] };
  assert.deepEqual(shaded("composite", half, [0, 0, 0, 0]), [40, 20, 0]);
  assert.deepEqual(shaded("composite", half, [1, 0, 0, 0]), [244, 224, 204]);
  assert.deepEqual(shaded("composite", half, [4, 0, 0, 0]), [84, 144, 204]);
  const squares = [0.02, 0.1].map((x) => shaded("composite", { a: [0, 0, 0], b: [0, 0, 0] }, [3, 0, 0, 0], [x, 0.02])[0]);
  assert.notEqual(squares[0], squares[1]);
  const model = new PlayerModel(LAYERS, { view: "composite" });
  model.choose(model.view);
  assert.equal(model.values[0], 1);
});

test("every value over every other is rounded to the nearest, at every alpha", () => {
  const size = { width: 256, height: 52 };
  const count = size.width * size.height;
  const a = Uint32Array.from({ length: count }, (_, at) => packed(at % 256, at % 256, at % 256));
  const under = (/** @type {number} */ at) => 5 * Math.floor(at / 256);
  const c = Uint32Array.from({ length: count }, (_, at) => packed(under(at), under(at), under(at)));
  const out = new Uint32Array(count);
  let wrong = 0;
  for (let alpha = 0; alpha < 256; alpha++) {
    viewNamed("composite").paint({ a, b: new Uint32Array(count).fill(packed(alpha, alpha, alpha)), c }, out, [5, 0, 0, 0], size);
    for (let at = 0; at < count; at++) {
      const value = Math.floor(((at % 256) * alpha + under(at) * (255 - alpha) + 127) / 255);
      if (out[at] !== packed(value, value, value)) wrong++;
    }
  }
  assert.equal(wrong, 0);
});

test("what is chosen to lie behind is what the composite shows there, cut to the picture's shape", () => {
  /** @type {{a: Rgb, b: Rgb, c: Rgb}} */
  const half = { a: [200, 100, 0], b: [51, 51, 51], c: [10, 20, 30] };
  assert.deepEqual(shaded("composite", half, [5, 0, 0, 0]), [48, 36, 24]);
  const model = new PlayerModel(LAYERS, { view: "composite" });
  assert.equal(model.panes[0]?.inputs.length, 2);
  model.setValue(0, 5);
  assert.deepEqual(model.panes[0]?.inputs[2], { stream: FOOTAGE, covers: true });
  model.set({ behind: { stream: "rgb_removed", label: "removed" } });
  assert.equal(model.panes[0]?.inputs[2]?.stream, "rgb_removed");
  // A row of 8 pixels behind a picture of 4 by 2: two of them on either side are cut.
  const row = grayPicture(8, 2, new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]));
  const inputs = [{ key: "c", picture: row, covers: true }];
  const pixels = shadedPixels({ size: { width: 4, height: 2 }, inputs, view: viewNamed("levels"), values: [0, 255, 0, 0] });
  assert.deepEqual([...pixels].filter((_, at) => at % 4 === 0).slice(0, 4), [2, 3, 4, 5]);
});

test("what was set for a sample holds for the next one that has the layers", () => {
  const model = new PlayerModel(LAYERS, { view: "composite" });
  model.setValue(0, 3);
  model.pick("b", "mask");
  const next = new PlayerModel(LAYERS, { view: "composite", before: model.state });
  assert.equal(next.values[0], 3);
  assert.equal(next.picked.b, "mask");
  const other = new PlayerModel({ ...LAYERS, streams: [.../** @type {any} */ (LAYERS.streams.slice(0, 2)), { ...INFO, name: "alpha", kind: "gray", label: "alpha" }] }, { before: model.state, view: "composite" });
  assert.equal(other.picked.b, "alpha");
});

test("the film has a row for each edge and as many frames as there is room for", () => {
  const model = new PlayerModel(LAYERS, { view: "edge_film" });
  model.state.room = 5 * 2 + 4 * 12;
  assert.deepEqual(model.offsets, [-2, -1, 1, 2]);
  const parts = model.panes.map(({ part }) => part?.frame);
  assert.deepEqual(parts, [...Array(5).fill(6), ...Array(5).fill(2)]);
});

test("a crop is the same pixels, in any format, with what its rim needs", () => {
  const size = { width: 24, height: 16 };
  const noise = (/** @type {number} */ length) => Uint8Array.from({ length }, (_, at) => (at * 97 + (at >> 3) * 31) % 256);
  const luma = 24 * 16;
  const yuv = { ...size, matrix: matrixFor("bt709", false), bytes: 0, frame: 3, data: noise(luma * 1.5) };
  const planes = [{ offset: 0, stride: 24 }, { offset: luma, stride: 12 }, { offset: luma * 1.25, stride: 12 }];
  /** @type {Picture[]} */
  const pictures = [
    grayPicture(24, 16, noise(luma)),
    rgbaPicture(24, 16, noise(luma * 4)),
    { ...yuv, format: "i420", planes },
    { ...yuv, format: "nv12", planes: [{ offset: 0, stride: 24 }, { offset: luma, stride: 24 }] },
  ];
  for (const picture of pictures) {
    for (const box of /** @type {[number, number, number, number][]} */ ([[7, 5, 6, 5], [0, 0, 24, 16], [17, 9, 7, 7]])) {
      const crop = cropOf(picture, box);
      assert.equal(crop.picture.frame, picture.frame);
      const [whole, part] = [rgbaOf(picture), rgbaOf(crop.picture)];
      for (let y = box[1]; y < box[1] + box[3]; y++) {
        for (let x = box[0]; x < box[0] + box[2]; x++) {
          const own = 4 * ((y - crop.top) * crop.picture.width + x - crop.left);
          assert.deepEqual(part.subarray(own, own + 3), whole.subarray(4 * (y * 24 + x), 4 * (y * 24 + x) + 3), `${picture.format} ${box} ${x} ${y}`);
        }
      }
      assert.equal(cropOf(picture, box), crop);
    }
  }
});

test("the key of the edges goes from the hardest to the next and round again", () => {
  const model = new PlayerModel(LAYERS, { view: "side_by_side" });
  const seen = /** @type {number[]} */ ([]);
  model.addEventListener("place", () => seen.push(model.clock.frame));
  for (let press = 0; press < 4; press++) model.choose(viewNamed("edges"));
  assert.deepEqual(seen, [6, 2, 6, 2]);
  assert.deepEqual(new PlayerModel({ ...LAYERS, edge_crops: [] }).views.some(({ id }) => id === "edges"), false);
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
