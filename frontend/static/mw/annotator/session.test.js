import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { Session } from "./session.js";

const ME = 7;
const OTHER = 9;

/**
 * A server of one session whose answer to the first undo is lost on its way.
 * @param {boolean} arrives whether that undo is done
 * @param {(session: Session, marks: {id: number, author: number}[]) => Promise<void>} use
 */
async function losing(arrives, use) {
  const marks = [{ id: 1, author: ME }, { id: 2, author: ME }, { id: 3, author: OTHER }];
  let lost = false;
  const undo = () => marks.splice(marks.findLastIndex(({ author }) => author === ME), 1)[0];
  const server = createServer((asked, answer) => {
    if (asked.url?.endsWith("/state")) return void answer.end(JSON.stringify({ objects: [], marks, undo: true, redo: false, versions: [] }));
    if (lost) return void answer.end(JSON.stringify({ object: 1, frame: 0, mark: undo(), undone: true }));
    lost = true;
    if (arrives) undo();
    marks.push({ id: 4, author: OTHER });
    asked.socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  Object.assign(globalThis, { document: { cookie: "csrftoken=token" } });
  const session = new Session(`http://127.0.0.1:${port}/state`, ME);
  try {
    await session.load();
    await assert.rejects(session.step("undo"));
    await use(session, marks);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("an undo that had arrived is not made twice, whatever others drew meanwhile", () => losing(true, async (session, marks) => {
  assert.equal(await session.step("undo", true), null);
  assert.deepEqual(marks.map(({ id }) => id), [1, 3, 4]);
}));

test("an undo that had not arrived is made, whatever others drew meanwhile", () => losing(false, async (session, marks) => {
  assert.equal((await session.step("undo", true))?.mark.id, 2);
  assert.deepEqual(marks.map(({ id }) => id), [1, 3, 4]);
}));
