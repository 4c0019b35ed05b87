import assert from "node:assert/strict";
import { test } from "node:test";
import { Framing } from "./framing.js";

/** @param {Record<string, unknown>} head @param {number[]} body */
function packed(head, body) {
  const text = new TextEncoder().encode(JSON.stringify({ ...head, bytes: body.length }));
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes;
}

test("messages are whole however the stream was cut", () => {
  const stream = new Uint8Array([...packed({ frame: 1 }, [7, 8]), ...packed({ done: true }, [])]);
  for (let cut = 1; cut < stream.length; cut++) {
    const framing = new Framing();
    const found = [...framing.add(stream.subarray(0, cut)), ...framing.add(stream.subarray(cut))];
    assert.deepEqual(found.map(({ head, body }) => [head.frame, [...body]]), [[1, [7, 8]], [undefined, []]]);
    assert.equal(framing.open, false);
  }
});

test("a stream that ends in the middle says so", () => {
  const framing = new Framing();
  assert.deepEqual(framing.add(packed({ frame: 1 }, [1, 2, 3]).subarray(0, 9)), []);
  assert.equal(framing.open, true);
});
