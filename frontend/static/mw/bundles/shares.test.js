import assert from "node:assert/strict";
import test from "node:test";
import { evenOut, LEAST, naturalShares, rebalance } from "./shares.js";

/** @param {...[string, number, boolean?]} given */
const shares = (...given) => given.map(([category, value, locked = false]) => ({ category, value, locked }));
/** @param {import("./shares.js").Share[]} found */
const values = (found) => found.map((share) => share.value);
/** @param {import("./shares.js").Share[]} found */
const total = (found) => found.reduce((whole, share) => whole + share.value, 0);

test("unlocked shares make room in proportion", () => {
  const found = rebalance(shares(["a", 50], ["b", 30], ["c", 20]), "a", 75);
  assert.deepEqual(values(found), [75, 15, 10]);
});

test("a locked share stays as it is", () => {
  const found = rebalance(shares(["a", 50], ["b", 30, true], ["c", 20]), "a", 60);
  assert.deepEqual(values(found), [60, 30, 10]);
});

test("a share cannot take what the locked ones hold", () => {
  const found = rebalance(shares(["a", 50], ["b", 30, true], ["c", 20]), "a", 95);
  assert.deepEqual(values(found), [70 - LEAST, 30, LEAST]);
});

test("nothing moves when everybody else is locked", () => {
  const found = rebalance(shares(["a", 50], ["b", 50, true]), "a", 80);
  assert.deepEqual(values(found), [50, 50]);
});

test("a single category keeps the whole", () => {
  assert.deepEqual(values(rebalance(shares(["a", 100]), "a", 20)), [100]);
});

test("what is no number changes nothing", () => {
  assert.deepEqual(values(rebalance(shares(["a", 60], ["b", 40]), "a", Number.NaN)), [60, 40]);
});

test("no share falls below the least, however the sliders are pulled", () => {
  let found = shares(["a", 34], ["b", 33], ["c", 33]);
  for (let step = 0; step < 400; step += 1) {
    const category = ["a", "b", "c"][step % 3] ?? "a";
    found = rebalance(found, category, (step * 37) % 130);
    assert.ok(found.every((share) => share.value >= LEAST - 1e-9), JSON.stringify(found));
    assert.ok(Math.abs(total(found) - 100) < 0.05, JSON.stringify(found));
  }
});

test("even out leaves the locked ones and divides the rest", () => {
  assert.deepEqual(values(evenOut(shares(["a", 80, true], ["b", 1], ["c", 19]))), [80, 10, 10]);
});

test("natural is what each category has when no row repeats", () => {
  const found = naturalShares(shares(["a", 50], ["b", 50]), { a: 80, b: 20 });
  assert.deepEqual(values(found), [80, 20]);
});
