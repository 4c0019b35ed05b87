import assert from "node:assert/strict";
import test from "node:test";

import { Rate } from "./rate.js";

test("nothing is said of the time left in the first three seconds", () => {
  const rate = new Rate();
  rate.note(0, 0);
  rate.note(2000, 2_000_000);
  assert.equal(rate.perSecond(), 1_000_000);
  assert.equal(rate.secondsLeft(10_000_000), null);
  rate.note(3000, 3_000_000);
  assert.equal(rate.secondsLeft(10_000_000), 10);
});

test("the rate is that of the last ten seconds", () => {
  const rate = new Rate();
  for (let second = 0; second <= 20; second += 1) rate.note(second * 1000, second * 1000);
  for (let second = 21; second <= 40; second += 1) rate.note(second * 1000, 20_000 + (second - 20) * 5000);
  assert.ok(Math.abs(rate.perSecond() - 5000) < 1);
});

test("bytes that must be sent again do not make the rate negative", () => {
  const rate = new Rate();
  rate.note(0, 8_000_000);
  rate.note(5000, 0);
  assert.equal(rate.perSecond(), 0);
  assert.equal(rate.secondsLeft(1), null);
});

test("after a pause the rate begins anew", () => {
  const rate = new Rate();
  rate.note(0, 0);
  rate.note(5000, 5000);
  rate.reset();
  assert.equal(rate.perSecond(), 0);
  rate.note(100_000, 5000);
  assert.equal(rate.secondsLeft(10), null);
});
