import assert from "node:assert/strict";
import { test } from "node:test";

import { tally, tallyWords } from "./job_count.js";
import { job } from "./example_job.js";

const NOW = new Date("2026-11-21T12:00:00Z");

test("running jobs are counted with the mean of what is done", () => {
  const sums = tally(
    [
      job({ id: 1, state: "running", done: 1, total: 4 }),
      job({ id: 2, state: "running", done: 3, total: 4 }),
      job({ id: 3, state: "running", done: 5 }),
      job({ id: 4, state: "queued" }),
    ],
    NOW,
  );
  assert.deepEqual(sums, { running: 3, queued: 1, failed: 0, share: 0.5 });
  assert.equal(tallyWords(sums), "3 running");
});

test("a failure is news for a day", () => {
  const failed = [
    job({ id: 1, state: "failed", finished_at: "2026-11-21T02:00:00Z" }),
    job({ id: 2, state: "failed", finished_at: "2026-11-20T02:00:00Z" }),
  ];
  assert.equal(tallyWords(tally(failed, NOW)), "1 failed");
});

test("with nothing to tell it says nothing", () => {
  assert.equal(tallyWords(tally([], NOW)), "");
  assert.equal(tallyWords(tally([job()], NOW)), "1 queued");
});
