import assert from "node:assert/strict";
import test from "node:test";
import { pullWithRoot, quoted, trainerLine } from "./lines.js";

const LINE = 'export DATASET_META_NAME="/mnt/data/mix/casper.json"';

test("the trainer's line names the list under the root", () => {
  assert.equal(trainerLine(LINE, "/data/mix/"), 'export DATASET_META_NAME="/data/mix/casper.json"');
});

test("without a root the lines stay as they were", () => {
  assert.equal(trainerLine(LINE, "  "), LINE);
  assert.equal(pullWithRoot("pull demo/mix mix", ""), "pull demo/mix mix");
});

test("a root with a dollar sign is taken as it is", () => {
  assert.equal(trainerLine(LINE, "/data/$&"), 'export DATASET_META_NAME="/data/$&/casper.json"');
});

test("what a shell would read otherwise is quoted", () => {
  assert.equal(quoted("/mnt/data"), "/mnt/data");
  assert.equal(pullWithRoot("pull demo/mix mix", "/my data"), "pull demo/mix mix --root '/my data'");
  assert.equal(quoted("it's"), `'it'"'"'s'`);
});
