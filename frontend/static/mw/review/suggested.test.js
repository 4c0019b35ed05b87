import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { suggestedReasons } from "./suggested.js";

const ROOT = new URL("../../../../", import.meta.url);

test("a reason is suggested by the strongest finding that speaks for it, and by no other", () => {
  const findings = [
    { metric: "flicker", strength: 0.4, text: "Flicker on frame 9" },
    { metric: "pulse", strength: 0.7, text: "Outline pulse on frame 3" },
    { metric: "spill", strength: 0.2, text: "Spill on frames 0 to 5" },
    { metric: "coverage", strength: 1, text: "Coverage" },
  ];
  assert.deepEqual([...suggestedReasons(findings)].toSorted(), [["flicker", "Outline pulse on frame 3"], ["spill", "Spill on frames 0 to 5"]]);
  assert.equal(suggestedReasons([]).size, 0);
});

test("metrics and reasons that are named here exist", () => {
  const metrics = readdirSync(new URL("datasets_app/domain/metrics/", ROOT)).map((name) => name.replace(/\.py$/, ""));
  const verdict = readFileSync(new URL("datasets_app/models/verdict.py", ROOT), "utf8");
  const source = readFileSync(new URL("suggested.js", import.meta.url), "utf8");
  const named = [...source.matchAll(/^ {2}(\w+): "(\w+)",$/gm)];
  assert.ok(named.length > 8);
  for (const [, metric = "", reason = ""] of named) {
    assert.ok(metrics.includes(metric), metric);
    assert.ok(verdict.includes(`= "${reason}",`), reason);
  }
});
