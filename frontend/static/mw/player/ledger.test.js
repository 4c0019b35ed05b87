import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "./ledger.js";
import { grayPicture } from "./picture.js";

/** @param {number} frame */
function numbered(frame) {
  return { ...grayPicture(2, 2, new Uint8Array(4)), frame };
}

test("a stream that shows another frame, or none, is not locked, and the frame counts as mixed", () => {
  const ledger = new Ledger();
  ledger.note(7, [numbered(7), numbered(7), numbered(7)], false);
  assert.deepEqual([ledger.locked, ledger.streams, ledger.mixed], [3, 3, 0]);
  ledger.note(8, [numbered(8), numbered(7), undefined], true);
  assert.deepEqual([ledger.locked, ledger.streams, ledger.mixed, ledger.late, ledger.drawn], [1, 3, 1, 1, 2]);
});
