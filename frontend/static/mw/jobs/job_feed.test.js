import assert from "node:assert/strict";
import { test } from "node:test";

import { JobFeed } from "./job_feed.js";
import { job } from "./example_job.js";

/** @typedef {import("./job_list.js").Job} Job */
/** @typedef {import("./job_list.js").Snapshot} Snapshot */

const PLACE = { slots: 2, disk_free: 1, disk_total: 2, disk_reserve: 0 };

/** A server that exists only here: it answers reads and opens sockets as told. */
class Server {
  /** @type {Job[]} */ jobs = [];
  seq = 0;
  up = true;
  sockets = true;
  /** @type {string[]} */ reads = [];
  /** @type {{run: () => void, milliseconds: number}[]} */ timers = [];
  /** @type {import("./job_feed.js").WebSocketLike | null} */ socket = null;

  /** @param {Partial<Job>} facts */
  change(facts) {
    this.seq += 1;
    const changed = job({ ...facts, seq: this.seq });
    this.jobs = [...this.jobs.filter(({ id }) => id !== changed.id), changed];
    return changed;
  }

  /** @param {import("./job_feed.js").Message} message */
  say(message) {
    this.socket?.onmessage?.({ data: JSON.stringify(message) });
  }

  hello() {
    this.say({ kind: "hello", seq: this.seq });
  }

  /** @param {string} url @returns {Promise<Snapshot>} */
  async read(url) {
    this.reads.push(url);
    if (!this.up) throw new Error("no answer");
    const since = Number(/since=(\d+)/.exec(url)?.[1] ?? 0);
    return { seq: this.seq, jobs: this.jobs.filter(({ seq }) => seq > (since > this.seq ? 0 : since)), ...PLACE };
  }

  connect() {
    const socket = { onmessage: null, onclose: /** @type {(() => void) | null} */ (null), close: () => {} };
    this.socket = socket;
    if (!this.sockets || !this.up) queueMicrotask(() => socket.onclose?.());
    return socket;
  }

  feed() {
    return new JobFeed("/jobs/", {
      read: (url) => this.read(url),
      connect: () => this.connect(),
      later: (run, milliseconds) => this.timers.push({ run, milliseconds }),
      never: () => {},
    });
  }

  /** Let the next timer run; returns how long it would have waited. */
  async tick() {
    const timer = this.timers.shift();
    timer?.run();
    await settle();
    return timer?.milliseconds;
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

test("after hello the snapshot is read, then changes come by the socket", async () => {
  const server = new Server();
  server.change({ id: 1 });
  const feed = server.feed();
  feed.start();
  server.hello();
  await settle();
  assert.deepEqual(server.reads, ["/jobs/?ended=20"]);
  assert.ok(feed.live);
  const changed = server.change({ id: 1, state: "running" });
  server.say({ kind: "job", seq: changed.seq, job: changed });
  assert.equal(feed.list.get(1)?.state, "running");
  assert.equal(server.reads.length, 1);
});

test("what happened while the socket was gone is read when it is back", async () => {
  const server = new Server();
  server.change({ id: 1 });
  const feed = server.feed();
  feed.start();
  server.hello();
  await settle();
  server.socket?.onclose?.();
  assert.ok(!feed.live);
  server.change({ id: 1, state: "done" });
  server.change({ id: 2 });
  assert.equal(await server.tick(), 500);
  server.hello();
  await settle();
  assert.deepEqual(server.reads, ["/jobs/?ended=20", "/jobs/?since=1"]);
  assert.deepEqual(feed.list.all().map(({ id, state }) => [id, state]), [[1, "done"], [2, "queued"]]);
  assert.ok(feed.live);
});

test("where no socket comes through the snapshot is read every two seconds", async () => {
  const server = new Server();
  server.sockets = false;
  server.change({ id: 1 });
  const feed = server.feed();
  feed.start();
  await settle();
  assert.ok(feed.live);
  server.change({ id: 1, state: "running" });
  assert.equal(await server.tick(), 2000);
  assert.equal(feed.list.get(1)?.state, "running");
  assert.equal(server.timers[0]?.milliseconds, 2000);
});

test("a server that is gone is asked less and less often, up to every 15 s, and found again", async () => {
  const server = new Server();
  server.up = false;
  const feed = server.feed();
  feed.start();
  await settle();
  const waits = [];
  for (let n = 0; n < 8; n += 1) waits.push(await server.tick());
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
  assert.ok(!feed.live);
  server.up = true;
  server.change({ id: 1 });
  await server.tick();
  server.hello();
  await settle();
  assert.ok(feed.live);
  assert.equal(feed.list.size, 1);
});

test("a database restored from a backup replaces what is shown", async () => {
  const server = new Server();
  for (let n = 0; n < 9; n += 1) server.change({ id: 1 });
  const feed = server.feed();
  feed.start();
  server.hello();
  await settle();
  server.socket?.onclose?.();
  server.seq = 2;
  server.jobs = [job({ id: 5, seq: 2 })];
  await server.tick();
  server.hello();
  await settle();
  assert.deepEqual(feed.list.all().map(({ id }) => id), [5]);
  assert.equal(feed.list.seq, 2);
});

test("a page that brings its snapshot along asks only for what is newer", async () => {
  const server = new Server();
  server.change({ id: 1 });
  const feed = server.feed();
  feed.seed({ seq: 1, jobs: [...server.jobs], ...PLACE });
  assert.equal(feed.list.size, 1);
  feed.start();
  server.hello();
  await settle();
  assert.deepEqual(server.reads, ["/jobs/?since=1"]);
});

test("a feed that was stopped does not come back", async () => {
  const server = new Server();
  const feed = server.feed();
  feed.start();
  server.hello();
  await settle();
  feed.stop();
  server.socket?.onclose?.();
  assert.equal(server.timers.length, 0);
});
