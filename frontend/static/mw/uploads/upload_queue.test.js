import assert from "node:assert/strict";
import test from "node:test";

import { UploadQueue } from "./upload_queue.js";

/** A transport whose uploads do only what the test says. */
class Bench {
  /** @type {Record<string, import("./upload_queue.js").Reports>} */ reports = {};
  /** @type {string[]} */ log = [];

  /** @type {import("./upload_queue.js").Transport} */
  transport = (dropped, reports) => {
    this.reports[dropped.path] = reports;
    this.log.push(`start ${dropped.path}`);
    return {
      stop: () => this.log.push(`stop ${dropped.path}`),
      discard: async () => void this.log.push(`discard ${dropped.path}`),
    };
  };

  /** @param {string} path */
  of(path) {
    return /** @type {import("./upload_queue.js").Reports} */ (this.reports[path]);
  }
}

/** @param {...string} paths */
function files(...paths) {
  return paths.map((path) => ({ kind: /** @type {const} */ ("file"), path, file: new File(["12345"], path) }));
}

/** @param {UploadQueue} queue */
function states(queue) {
  return queue.items.map((item) => item.state).join(" ");
}

test("two go at once and the next follows when one has left", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport);
  queue.add(files("a", "b", "c"));
  assert.equal(states(queue), "sending sending waiting");
  bench.of("a").onReceived();
  assert.equal(states(queue), "checking sending sending");
  bench.of("a").onDone({ kind: "video", id: 7 });
  assert.deepEqual(queue.items[0]?.result, { kind: "video", id: 7 });
  bench.of("b").onFailed("b.txt is no video", "send a video");
  assert.equal(states(queue), "done failed sending");
  assert.equal(queue.items[1]?.message, "b.txt is no video");
});

test("a paused upload gives its place to the next and goes on when resumed", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport, { atOnce: 1 });
  queue.add(files("a", "b"));
  queue.pause(1);
  assert.equal(states(queue), "paused sending");
  queue.resume(1);
  assert.equal(states(queue), "waiting sending");
  bench.of("b").onReceived();
  assert.equal(states(queue), "sending checking");
  assert.deepEqual(bench.log, ["start a", "stop a", "start b", "start a"]);
});

test("pausing all starts none, resuming all starts as many as may go at once", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport);
  queue.add(files("a", "b", "c", "d"));
  queue.pauseAll();
  assert.equal(states(queue), "paused paused paused paused");
  assert.deepEqual(bench.log, ["start a", "start b", "stop a", "stop b"]);
  queue.resumeAll();
  assert.equal(states(queue), "sending sending waiting waiting");
});

test("what a stopped upload still reports changes nothing", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport);
  queue.add(files("a"));
  const old = bench.of("a");
  queue.pause(1);
  old.onFailed("aborted", "");
  old.onSent(3);
  assert.equal(states(queue), "paused");
  queue.resume(1);
  old.onDone({});
  assert.equal(states(queue), "sending");
});

test("a failed upload can be tried again", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport);
  queue.add(files("a"));
  bench.of("a").onFailed("You are logged out", "Log in");
  queue.resume(1);
  assert.equal(states(queue), "sending");
  assert.equal(queue.items[0]?.message, "");
});

test("a discarded upload is forgotten here and on the server, a finished one only here", async () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport, { atOnce: 1 });
  queue.add(files("a", "b"));
  await queue.discard(1);
  assert.equal(states(queue), "sending");
  bench.of("b").onDone({});
  await queue.discard(2);
  assert.deepEqual(bench.log, ["start a", "stop a", "start b", "discard a", "stop b"]);
  assert.equal(queue.items.length, 0);
});

test("a paused upload can be discarded on the server, too", async () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport);
  queue.add(files("a"));
  queue.pause(1);
  await queue.discard(1);
  assert.equal(bench.log.at(-1), "discard a");
});

test("a retry is told with its reason and ends with the next byte", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport);
  queue.add(files("a"));
  bench.of("a").onRetry("The server does not answer");
  assert.equal(states(queue), "retrying");
  bench.of("a").onSent(2);
  assert.deepEqual([states(queue), queue.items[0]?.message, queue.items[0]?.sent], ["sending", "", 2]);
});

test("the totals count what is received, without what failed", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport, { atOnce: 3 });
  queue.add(files("a", "b", "c"));
  bench.of("a").onDone({});
  bench.of("b").onSent(2);
  bench.of("c").onFailed("no", "");
  assert.deepEqual(queue.totals(), { files: 3, done: 1, failed: 1, running: 1, paused: 0, sent: 2, size: 10 });
});

test("a folder is read first and then sent with the size of its archive", () => {
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport);
  const inside = ["1.png", "2.png"].map((path) => ({ path, file: new File(["123"], path) }));
  queue.add([{ kind: "folder", path: "set/kite", files: inside }]);
  const item = queue.items[0];
  assert.deepEqual([item?.name, item?.files, item?.size], ["kite", 2, 6]);
  bench.of("set/kite").onRead(3);
  assert.equal(states(queue), "reading");
  bench.of("set/kite").onSize(300);
  assert.deepEqual([states(queue), item?.sent, item?.size], ["sending", 0, 300]);
});

test("every change is told, also that an item is gone", () => {
  /** @type {string[]} */ const told = [];
  const bench = new Bench();
  const queue = new UploadQueue(bench.transport, { onChange: (item) => told.push(item.state) });
  queue.add(files("a"));
  bench.of("a").onReceived();
  void queue.discard(1);
  assert.deepEqual(told, ["waiting", "sending", "checking", "checking"]);
});
