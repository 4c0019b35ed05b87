import assert from "node:assert/strict";
import { test } from "node:test";

import { Turns } from "./turns.js";

test("the most urgent of what waits is next, also when it came last, and equal ones in their order", async () => {
  const turns = new Turns((task) => void setImmediate(task));
  const done = /** @type {string[]} */ ([]);
  const work = async (/** @type {string} */ name, /** @type {number} */ rank) => {
    await turns.take(rank);
    done.push(name);
  };
  const all = [work("a11", 11), work("a3", 3), work("b3", 3)];
  all.push(work("b0", 0));
  await Promise.all(all);
  assert.deepEqual(done, ["b0", "a3", "b3", "a11"]);
});

test("what arrives between two turns is heard", async () => {
  const turns = new Turns((task) => void setImmediate(task));
  const done = /** @type {number[]} */ ([]);
  const late = turns.take(1).then(() => {
    done.push(1);
    return turns.take(0).then(() => done.push(0));
  });
  await Promise.all([late, turns.take(5).then(() => done.push(5)), turns.take(6).then(() => done.push(6))]);
  assert.deepEqual(done, [1, 0, 5, 6]);
});
