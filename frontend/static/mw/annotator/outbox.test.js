import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../lib/api.js";
import { Outbox } from "./outbox.js";

const at_once = () => Promise.resolve();

test("what got no answer is sent again, and what was drawn after it waits its turn", async () => {
  const box = new Outbox(at_once);
  const arrived = /** @type {string[]} */ ([]);
  const standing = /** @type {string[]} */ ([]);
  box.addEventListener("changed", () => standing.push(`${box.unsent}${box.away ? " away" : ""}`));
  let tries = 0;
  const first = box.add(async (again) => {
    tries += 1;
    assert.equal(again, tries > 1);
    if (tries < 4) throw new ApiError("no answer", { status: tries === 2 ? 503 : 0 });
    arrived.push("first");
    return "stored";
  });
  const second = box.add(async () => arrived.push("second"));
  assert.equal(await first, "stored");
  await second;
  assert.deepEqual(arrived, ["first", "second"]);
  assert.ok(standing.includes("2 away"));
  assert.equal(box.unsent, 0);
  assert.equal(box.away, false);
});

test("what the server refuses fails once and holds nobody up", async () => {
  const box = new Outbox(at_once);
  let tries = 0;
  const refused = box.add(async () => {
    tries += 1;
    throw new ApiError("locked", { status: 409 });
  });
  const after = box.add(async () => "after");
  await assert.rejects(refused, /locked/);
  assert.equal(await after, "after");
  assert.equal(tries, 1);
});

test("what only asks keeps its place in the line and leaves nothing unsent", async () => {
  let back = () => {};
  const box = new Outbox(() => new Promise((resolve) => (back = () => resolve())));
  const told = () => ({ unsent: box.unsent, idle: box.idle, away: box.away });
  const order = /** @type {string[]} */ ([]);
  let tries = 0;
  const asked = box.ask(async () => {
    tries += 1;
    if (tries === 1) throw new ApiError("no answer", { status: 0 });
    order.push("asked");
  });
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(told(), { unsent: 0, idle: false, away: true });
  const drawn = box.add(async () => order.push("drawn"));
  assert.deepEqual(told(), { unsent: 1, idle: false, away: true });
  back();
  await Promise.all([asked, drawn]);
  assert.deepEqual(order, ["asked", "drawn"]);
  assert.deepEqual(told(), { unsent: 0, idle: true, away: false });
});
