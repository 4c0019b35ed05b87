import assert from "node:assert/strict";
import { test } from "node:test";

import { findingAt, findingLines, heatColumns, heatStep, hottest, readout, sortTracks } from "./heat.js";

/** @param {Partial<import("./heat.js").Track>} more */
const track = (more) => ({ metric: "flicker", title: "Flicker", summary: "", unit: "%", better: /** @type {"low"} */ ("low"), total: 1, alert: 4, scale: 20, values: [0, 1], ...more });
const finding = (first = 0, last = 0, metric = "flicker") => ({ metric, title: "", first, last, layers: [], box: null, words: "", advice: "", text: "", strength: 0.5 });

test("a step is the share of the scale, and never leaves it", () => {
  assert.deepEqual([0, 10, 20, 99, -3].map((value) => heatStep(value, 20)), [0, 4, 8, 8, 0]);
  assert.equal(heatStep(null, 20), null);
});

test("a peak of one frame keeps its pixel however many frames a pixel holds", () => {
  const values = Array.from({ length: 1000 }, (_, frame) => (frame === 617 ? 20 : 0));
  const columns = heatColumns(values, 20, 100);
  assert.equal(columns.length, 100);
  assert.deepEqual(columns.flatMap((step, column) => (step === 8 ? [column] : [])), [61]);
});

test("a frame that is wider than a pixel fills all of its columns", () => {
  assert.deepEqual(heatColumns([0, 20, null], 20, 6), [0, 0, 8, 8, null, null]);
});

test("the scale belongs to the metric, or to the clip where the metric has none", () => {
  assert.equal(hottest(track({})), 20);
  assert.equal(hottest(track({ scale: null, values: [null, 3, 2] })), 3);
});

test("numbers keep to three digits and carry their unit", () => {
  assert.deepEqual([0.123, 3.456, 14.25, 128.4].map((value) => readout(value, "%")), ["0.12 %", "3.46 %", "14.3 %", "128 %"]);
  assert.equal(readout(3, ""), "3");
  assert.equal(readout(undefined, "%"), "–");
});

test("strips without a finding stand back, those that are always wanted do not", () => {
  const tracks = [track({ metric: "coverage" }), track({}), track({ metric: "boil" })];
  const { shown, quiet } = sortTracks(tracks, [finding()], ["coverage"]);
  assert.deepEqual(shown.map((one) => one.metric), ["coverage", "flicker"]);
  assert.deepEqual(quiet.map((one) => one.metric), ["boil"]);
});

test("beside the strip stands what was found at the playhead, else the worst", () => {
  const worst = finding(3, 4);
  const other = finding(8, 9);
  assert.equal(findingAt([worst, other], 9), other);
  assert.equal(findingAt([worst, other], 0), worst);
  assert.equal(findingAt([], 0), undefined);
});

test("a finding says what, where and what to do, without a place where it is anywhere", () => {
  const place = "at %(x)s, %(y)s, %(width)s x %(height)s px";
  const told = { ...finding(3, 4), text: "frames 3-4, mask: it flickers", advice: "Mend it." };
  assert.equal(findingLines(told, place), "frames 3-4, mask: it flickers\nMend it.");
  assert.equal(findingLines({ ...told, box: [8, 0, 20, 30] }, place), "frames 3-4, mask: it flickers\nat 8, 0, 20 x 30 px\nMend it.");
});
