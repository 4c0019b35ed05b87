import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../lib/api.js";
import { Outbox } from "./outbox.js";

const at_once = () => Promise.resolve();

test("what got no answer is sent again, and what was drawn after it waits its turn", async () => {
  const box = new Outbox(at_once);
  const arrived = /** @type {string[]} */ ([]);
  const standing = /** @type {string[]} */ ([]);
  box.addEventListener("changed", () => standing.push(`${box.waiting}${box.away ? " away" : ""}`));
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
  assert.equal(box.waiting, 0);
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
