import assert from "node:assert/strict";
import { test } from "node:test";
import { RunOut, isWhole, takesMore, withMore } from "./live_run.js";

const still = { shown: 24, done: 24, frame: 3, playing: false, ended: false };

test("nothing new is nothing to take", () => assert.equal(takesMore(still), false));

test("a player at rest takes what is new at once", () => assert.equal(takesMore({ ...still, done: 48 }), true));

test("somebody who watches is not interrupted before the end of what is there", () => {
  const watched = { ...still, done: 48, playing: true };
  assert.equal(takesMore(watched), false);
  assert.equal(takesMore({ ...watched, frame: 23 }), true);
});

test("the finished result is taken even when its last frame was there already", () => {
  assert.equal(takesMore({ ...still, ended: true }), true);
});

test("only what played to the last frame plays on", () => {
  const playback = new RunOut();
  playback.drawn(true, false);
  assert.equal(playback.out, false, "somebody went to the end by hand");
  playback.drawn(false, true);
  playback.drawn(true, false);
  assert.equal(playback.out, true);
  playback.drawn(false, false);
  assert.equal(playback.out, false, "somebody went elsewhere since");
});

test("a result that is still being read is not there yet, also when the page begins with it", () => {
  const standing = (/** @type {string} */ state, /** @type {boolean} */ asks) => ({ dataset: { state }, hasAttribute: () => asks });
  assert.equal(isWhole(standing("ready", true)), false);
  assert.equal(isWhole(standing("ready", false)), true);
  assert.equal(isWhole(standing("running", true)), false);
  assert.equal(isWhole(null), false);
});

test("what is shown beside a run stays there when more frames come", () => {
  const page = "http://studio/p/p/models/runs/3/?beside=2";
  const more = withMore("/p/p/models/runs/3/player.json?done=24&beside=2", { done: 48, whole: true }, page);
  assert.equal(more, "http://studio/p/p/models/runs/3/player.json?done=48&beside=2&ready=");
});
