import assert from "node:assert/strict";
import { test } from "node:test";
import { ReviewQueue } from "./queue.js";

/** @param {number} count */
function queue(count) {
  return new ReviewQueue(
    Array.from({ length: count }, (_, id) => ({
      id, name: `op-${id}`, frames: 8, poster: "", player: `/p/${id}`, side: "", verdicts: "",
    })),
  );
}
/** @type {import("./queue.js").Outcome} */
const ACCEPT = { decision: "accept", reasons: [], verdict: 1 };

test("a verdict selects the next sample", () => {
  const review = queue(3);
  assert.equal(review.decide(ACCEPT)?.id, 1);
  assert.equal(review.left, 2);
});

test("after the last sample the review goes back to one that was passed over", () => {
  const review = queue(3);
  review.select(2);
  assert.equal(review.decide(ACCEPT)?.id, 0);
});

test("nothing is current when everything is decided", () => {
  const review = queue(1);
  assert.equal(review.decide(ACCEPT), undefined);
  assert.equal(review.current, undefined);
});

test("undo returns to the sample of the newest verdict", () => {
  const review = queue(3);
  review.decide(ACCEPT);
  review.decide(ACCEPT);
  review.undo();
  assert.equal(review.current?.id, 1);
  assert.equal(review.last?.item.id, 0);
});

test("undo without a verdict changes nothing", () => {
  const review = queue(2);
  review.undo();
  assert.equal(review.current?.id, 0);
});

test("a skip decides nothing", () => {
  const review = queue(2);
  review.decide({ ...ACCEPT, decision: "skip" });
  assert.equal(review.decided, 0);
  assert.equal(review.left, 1);
});

test("two decided samples stay above the current one", () => {
  const review = queue(5);
  for (let times = 0; times < 3; times += 1) review.decide(ACCEPT);
  assert.deepEqual(review.rows().map((row) => row.item.id), [1, 2, 3, 4]);
  assert.equal(review.rows()[2]?.current, true);
});

test("what follows leaves decided samples out", () => {
  const review = queue(4);
  review.select(1);
  review.decide(ACCEPT);
  review.select(0);
  assert.deepEqual(review.following(2).map((item) => item.id), [2, 3]);
});
