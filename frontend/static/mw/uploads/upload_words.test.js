import assert from "node:assert/strict";
import test from "node:test";

import { bytesWords, leftOutWords, paceWords, shareWords, sizeWords, totalWords } from "./upload_words.js";

/**
 * @param {Partial<import("./upload_queue.js").Item>} [facts]
 * @returns {import("./upload_queue.js").Item}
 */
function item(facts = {}) {
  const all = { id: 1, name: "a", files: 0, size: 1000, sent: 0, message: "", hint: "", result: {} };
  return { ...all, state: "sending", ...facts };
}

test("bytes are told in the unit in which they are short", () => {
  const told = [0, 999, 1000, 999_949, 999_950, 1_550_000_000, 5e15].map(bytesWords);
  assert.deepEqual(told, ["0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "1.6 GB", "5000.0 TB"]);
});

test("beside the bar stand the time left and the rate, once they are known", () => {
  assert.equal(paceWords(item(), { perSecond: 0, secondsLeft: null }), "");
  assert.equal(paceWords(item(), { perSecond: 2e6, secondsLeft: null }), "2.0 MB/s");
  assert.equal(paceWords(item(), { perSecond: 2e6, secondsLeft: 85 }), "1 min 25 s left · 2.0 MB/s");
  assert.equal(paceWords(item({ state: "paused" }), { perSecond: 2e6, secondsLeft: 85 }), "Paused");
  assert.equal(paceWords(item({ state: "failed", message: "no video" }), { perSecond: 0, secondsLeft: null }), "no video");
});

test("a share never says 100 % too early", () => {
  assert.equal(shareWords({ sent: 999, size: 1000 }), "99 %");
  assert.equal(shareWords({ sent: 1000, size: 1000 }), "100 %");
  assert.equal(shareWords({ sent: 0, size: 0 }), "0 %");
});

test("a folder says how many files it has", () => {
  assert.equal(sizeWords(item({ files: 82 })), "82 files · 1.0 kB");
  assert.equal(sizeWords(item()), "1.0 kB");
});

test("the whole is told with what needs a person", () => {
  const totals = { files: 5, done: 2, failed: 0, running: 3, paused: 0, sent: 5.5e9, size: 6.1e9 };
  assert.equal(totalWords(totals), "2 of 5 stored · 5.5 GB of 6.1 GB received");
  assert.equal(totalWords({ ...totals, failed: 1 }), "2 of 5 stored · 5.5 GB of 6.1 GB received · 1 needs you");
});

test("what was left out is named, the first three by name", () => {
  const files = ["a/x.txt", "y.wav", "z.blend", "w.fbx", "v.obj"].map((path) => ({ path }));
  assert.equal(leftOutWords(files.slice(0, 1)), "Left out, since it is no footage: x.txt");
  assert.equal(leftOutWords(files), "Left out, since it is no footage: x.txt, y.wav, z.blend, 2 others");
});
