import assert from "node:assert/strict";
import { test } from "node:test";

import { job } from "./example_job.js";
import { offerFor } from "./offers.js";

const LEAD = { user: "lea", steers: "all" };
const ANNA = { user: "anna", steers: "own" };
const BEN = { user: "ben", steers: "own" };
const VIEWER = { user: "vic", steers: "none" };

test("what has not ended can be stopped, what failed or was stopped can be started again", () => {
  assert.equal(offerFor(job({ state: "waiting" }), LEAD).act, "stop");
  assert.equal(offerFor(job({ state: "running" }), LEAD).act, "stop");
  assert.equal(offerFor(job({ state: "failed" }), LEAD).act, "retry");
  assert.equal(offerFor(job({ state: "cancelled" }), LEAD).act, "retry");
  assert.equal(offerFor(job({ state: "cancelled", cancel_requested: true }), LEAD).act, "retry");
});

test("what is done, or about to stop, needs nothing", () => {
  assert.deepEqual(offerFor(job({ state: "done" }), VIEWER), { act: null, refusal: "" });
  assert.deepEqual(offerFor(job({ state: "running", cancel_requested: true }), LEAD), { act: null, refusal: "" });
});

test("annotators steer their own jobs, and others are told who may", () => {
  assert.equal(offerFor(job(), ANNA).act, "stop");
  assert.match(offerFor(job(), BEN).refusal, /lead/);
  assert.match(offerFor(job(), VIEWER).refusal, /annotators/);
});
