import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { ApiError, request } from "./api.js";

test("an answer that breaks off in the middle is no answer, and no refusal", async () => {
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "Content-Length": 100 });
    answer.write('{"mark":', () => answer.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    const broken = (/** @type {unknown} */ error) => error instanceof ApiError && error.status === 0;
    await assert.rejects(request(`http://127.0.0.1:${port}/`), broken);
  } finally {
    server.close();
  }
});
