import assert from "node:assert/strict";
import test from "node:test";
import { crc32 as reference } from "node:zlib";

import { crc32, crcOf, storedZip } from "./stored_zip.js";

test("the checksum is that of zlib, whatever the pieces", () => {
  const data = Uint8Array.from({ length: 1003 }, (_, index) => (index * 7919) & 255);
  assert.equal(crc32(data), reference(data));
  for (const cut of [0, 1, 2, 3, 4, 5, 500, 1003]) assert.equal(crc32(data.subarray(cut), crc32(data.subarray(0, cut))), reference(data));
});

test("the same files give the same bytes", async () => {
  const files = [
    { path: "00001.png", file: new Blob(["one"]) },
    { path: "ü.png", file: new Blob(["two"]) },
  ];
  const [first, second] = [await storedZip(files), await storedZip(files)];
  assert.deepEqual(await first.bytes(), await second.bytes());
  assert.equal(first.type, "application/zip");
});

test("reading is reported over all files and can be stopped", async () => {
  /** @type {number[]} */ const seen = [];
  const files = ["a", "b"].map((path) => ({ path, file: new Blob([new Uint8Array(100_000)]) }));
  await storedZip(files, { onRead: (bytes) => seen.push(bytes) });
  assert.equal(seen.at(-1), 200_000);
  assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
  await assert.rejects(storedZip(files, { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("an empty file has the checksum of nothing", async () => {
  assert.equal(await crcOf(new Blob([])), 0);
});
