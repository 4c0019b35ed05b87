import assert from "node:assert/strict";
import { test } from "node:test";

import { readingLines } from "./reading_rows.js";

const STREAMS = [{ name: "rgb_full" }, { name: "rgb_removed" }, { name: "mask" }, { name: "alpha" }];

test("every layer has a line, with or without a value, and digits keep their column", () => {
  const empty = readingLines([], STREAMS);
  assert.deepEqual(empty.map(({ name }) => name), ["rgb_full", "rgb_removed", "|difference|", "mask", "alpha"]);
  assert.ok(empty.every(({ stored, shown }) => stored === "" && shown === ""));
  const lines = readingLines([{ name: "mask", kind: "gray", shown: [7], stored: null, from: "" }], STREAMS);
  assert.equal(lines[3]?.shown, "  7");
});

test("the difference is that of the stored values, and alpha is said from 0 to 1, too", () => {
  const lines = readingLines(
    [
      { name: "rgb_full", kind: "rgb", shown: [180, 9, 0], stored: [182, 8, 0], from: "master" },
      { name: "rgb_removed", kind: "rgb", shown: [164, 12, 4], stored: [164, 18, 3], from: "master" },
      { name: "alpha", kind: "gray", shown: [148], stored: [148], from: "master" },
    ],
    STREAMS,
  );
  assert.equal(lines[2]?.stored, " 18  10   3");
  assert.equal(lines[2]?.shown, " 16   3   4");
  assert.equal(lines[4]?.share, "0.580");
});
