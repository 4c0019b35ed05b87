import assert from "node:assert/strict";
import { test } from "node:test";

import { job } from "./example_job.js";
import { JobList, grouped, groupOf } from "./job_list.js";

const NOW = new Date("2026-11-21T12:00:00Z");

test("news that arrive late do not undo newer ones", () => {
  const list = new JobList();
  assert.ok(list.apply(job({ seq: 7, state: "done" })));
  assert.ok(!list.apply(job({ seq: 5, state: "running" })));
  assert.equal(list.get(1)?.state, "done");
  assert.equal(list.seq, 7);
});

test("a snapshot since a number adds, a whole one replaces", () => {
  const list = new JobList();
  list.merge({ seq: 4, jobs: [job({ id: 1, seq: 3 }), job({ id: 2, seq: 4 })] }, { whole: true });
  list.merge({ seq: 9, jobs: [job({ id: 2, seq: 8, state: "running" })] });
  assert.deepEqual(list.all().map(({ id, state }) => [id, state]), [[1, "queued"], [2, "running"]]);
  assert.equal(list.seq, 9);
  list.merge({ seq: 2, jobs: [job({ id: 3, seq: 2 })] }, { whole: true });
  assert.deepEqual(list.all().map(({ id }) => id), [3]);
  assert.equal(list.seq, 2);
});

test("what failed or waits comes first, then what runs, the queue in its order, the rest newest first", () => {
  const groups = grouped(
    [
      job({ id: 1, state: "done", finished_at: "2026-11-21T09:00:00Z" }),
      job({ id: 2, state: "cancelled", finished_at: "2026-11-21T10:00:00Z" }),
      job({ id: 3, state: "done", finished_at: "2026-11-19T10:00:00Z" }),
      job({ id: 5, state: "queued" }),
      job({ id: 4, state: "queued" }),
      job({ id: 6, state: "running" }),
      job({ id: 7, state: "waiting" }),
      job({ id: 8, state: "failed", finished_at: "2026-11-21T11:30:00Z" }),
    ],
    NOW,
  );
  assert.deepEqual(
    groups.map((group) => [group.id, group.jobs.map(({ id }) => id)]),
    [["attention", [8, 7]], ["running", [6]], ["queued", [4, 5]], ["today", [2, 1]], ["earlier", [3]]],
  );
});

test("groups without jobs are left out", () => {
  assert.deepEqual(grouped([], NOW), []);
  assert.equal(groupOf(job({ state: "failed" }), NOW), "attention");
});
