import assert from "node:assert/strict";
import { test } from "node:test";

import { job } from "./example_job.js";
import { agoWords, doneWords, durationWords, kindWords, leftWords, sizeWords, stateWords, summaryWords, timeWords } from "./job_words.js";

test("an estimate is no more exact than it is", () => {
  const said = /** @type {[number, string][]} */ ([
    [0.2, "1 s"], [4.6, "5 s"], [42, "40 s"], [58, "1 min"], [84, "1 min 25 s"],
    [183, "3 min 05 s"], [359, "about 6 min"], [10_080, "about 2 h 50 min"],
  ]);
  for (const [seconds, words] of said) assert.equal(leftWords(seconds), words);
});

test("a time that was measured is said as it was", () => {
  assert.equal(durationWords(0.4), "under 1 s");
  assert.equal(durationWords(9.4), "9 s");
  assert.equal(durationWords(60), "1 min");
  assert.equal(durationWords(591), "9 min 51 s");
  assert.equal(durationWords(3599.7), "1 h 00 min");
  assert.equal(durationWords(10_085), "2 h 48 min");
});

test("the time is what is left while a job runs and what it took when it has ended", () => {
  const running = job({ state: "running", started_at: "2026-11-21T11:00:00Z" });
  assert.equal(timeWords(running), "");
  assert.equal(timeWords({ ...running, seconds_left: 85 }), "1 min 25 s");
  const ended = { ...running, state: /** @type {const} */ ("done"), finished_at: "2026-11-21T11:01:38Z" };
  assert.equal(timeWords(ended), "took 1 min 38 s");
  assert.equal(timeWords(job({ state: "cancelled", finished_at: "2026-11-21T11:01:38Z" })), "");
});

test("how much is done has its total when there is one", () => {
  assert.equal(doneWords({ done: 13_600, total: 40_000 }), "13,600 / 40,000");
  assert.equal(doneWords({ done: 12, total: null }), "12");
  assert.equal(doneWords({ done: 0, total: null }), "");
});

test("a running job that was asked to stop says so", () => {
  assert.equal(stateWords(job({ state: "running" })).word, "Running");
  assert.equal(stateWords(job({ state: "running", cancel_requested: true })).word, "Stopping");
});

test("moments are said from now", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  assert.equal(agoWords("2026-11-21T11:59:40Z", now), "just now");
  assert.equal(agoWords("2026-11-21T11:48:00Z", now), "12 min ago");
  assert.equal(agoWords("2026-11-21T09:00:00Z", now), "3 h ago");
  assert.match(agoWords("2026-11-09T09:00:00Z", now), /Nov 9, 2026/);
});

test("names and sums", () => {
  assert.equal(kindWords("ingest_footage"), "Ingest footage");
  assert.equal(summaryWords({ running: 3, queued: 4, attention: 1 }), "3 running · 4 queued · 1 needs you");
  assert.equal(summaryWords({ running: 0, queued: 0, attention: 0 }), "nothing is running");
  assert.equal(sizeWords(999), "999 B");
  assert.equal(sizeWords(1_840_000_000_000), "1.84 TB");
  assert.equal(sizeWords(21_474_836_480), "21.5 GB");
});
