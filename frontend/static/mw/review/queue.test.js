import assert from "node:assert/strict";
import { test } from "node:test";

import { ReviewQueue } from "./queue.js";

/** @typedef {import("./queue.js").Item} Item */
/** @typedef {import("./queue.js").Outcome} Outcome */

/** @param {number} id @returns {Item} */
function item(id) {
  return { id, name: `op-${id}`, frames: 8, review: "pending", disputed: false, poster: "", player: "", side: "", verdicts: "", comments: "", lease: "" };
}

/** @param {number[]} held @param {number[]} [upcoming] */
function given(held, upcoming = []) {
  return { items: held.map(item), upcoming: upcoming.map(item), waiting: held.length + upcoming.length };
}

/** @returns {Outcome} */
const accept = () => ({ decision: "accept", reasons: [], verdict: 1 });

/** @param {ReviewQueue} queue */
const ids = (queue) => queue.rows().map((row) => row.item.id);

test("the first that the server gave is judged first", () => {
  assert.equal(new ReviewQueue(given([3, 1, 2])).current?.id, 3);
});

test("after a verdict the next one is current and two stay above it", () => {
  const queue = new ReviewQueue(given([1, 2, 3, 4], [5]));
  for (let times = 0; times < 3; times += 1) queue.decide(accept());
  assert.equal(queue.current?.id, 4);
  assert.deepEqual(ids(queue), [2, 3, 4, 5]);
  assert.equal(queue.waiting, 2);
});

test("what is held keeps its place when more is given", () => {
  const queue = new ReviewQueue(given([1, 2]));
  queue.decide(accept());
  queue.fill(given([5, 2, 6], [7]));
  assert.deepEqual(queue.held, [2, 5, 6]);
  assert.equal(queue.current?.id, 2);
});

test("an answer that was under way does not bring a decided sample back", () => {
  const queue = new ReviewQueue(given([1, 2]));
  queue.decide(accept());
  queue.fill(given([1, 2, 3]));
  assert.deepEqual(queue.held, [2, 3]);
});

test("undo returns to the sample and undo again to the one before", () => {
  const queue = new ReviewQueue(given([1, 2, 3]));
  queue.decide(accept());
  queue.decide(accept());
  queue.undo();
  assert.equal(queue.current?.id, 2);
  queue.undo();
  assert.equal(queue.current?.id, 1);
  assert.equal(queue.last, undefined);
  assert.equal(queue.waiting, 3);
});

test("a verdict that the server refused comes back though others were given since", () => {
  const queue = new ReviewQueue(given([1, 2, 3]));
  const refused = queue.decide(accept());
  queue.decide(accept());
  queue.undo(refused);
  assert.equal(queue.current?.id, 1);
  assert.equal(queue.last?.item.id, 2);
});

test("undo without a verdict changes nothing", () => {
  const queue = new ReviewQueue(given([1]));
  queue.undo();
  assert.deepEqual(queue.held, [1]);
});

test("a skip decides nothing and leaves the sample", () => {
  const queue = new ReviewQueue(given([1, 2]));
  queue.decide({ decision: "skip", reasons: [], verdict: 1 });
  assert.equal(queue.decided, 0);
  assert.equal(queue.current?.id, 2);
});

test("one of those to come is judged at once when it is chosen", () => {
  const queue = new ReviewQueue(given([1, 2], [3, 4]));
  const chosen = queue.item(4);
  assert.ok(chosen);
  queue.select(chosen);
  assert.equal(queue.current?.id, 4);
  assert.deepEqual(queue.following.map((other) => other.id), [1, 2]);
  queue.decide(accept());
  assert.equal(queue.current?.id, 1);
});

test("what somebody else was given is let go of", () => {
  const queue = new ReviewQueue(given([1, 2, 3]));
  assert.deepEqual(queue.keep([2, 3]).map((lost) => lost.id), [1]);
  assert.equal(queue.current?.id, 2);
});

test("what follows is what can be decoded ahead", () => {
  const queue = new ReviewQueue(given([1, 2, 3], [4]));
  assert.deepEqual(queue.following.map((other) => other.id), [2, 3]);
});
