import assert from "node:assert/strict";
import { test } from "node:test";
import { Handover, RunOut, isWhole, takesMore, withMore } from "./live_run.js";

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

/** A player of which every source that comes says so; what is done to it stands in `done`. */
class Shown extends EventTarget {
  done = /** @type {string[]} */ ([]);
  wanted = 5;
  /** @type {[number, number] | null} */ range = [2, 7];
  /** @type {any} */ model = this.#model(true);

  setAttribute() {
    [this.model, this.range, this.wanted] = [null, null, -1];
  }

  comes() {
    this.model = this.#model(false);
    this.dispatchEvent(new Event("mw-source"));
  }

  /** @param {boolean} playing */
  #model(playing) {
    return {
      zoom: "near",
      clock: { playing },
      setZoom: (/** @type {string} */ zoom) => this.done.push(zoom),
      toggle: () => this.done.push("plays"),
    };
  }
}

test("a source that never came leaves nothing behind but what was chosen", () => {
  const [player, handover] = [/** @type {any} */ (new Shown()), new Handover()];
  for (const src of ["fails", "fails, too", "comes"]) handover.goOn(player, src, false);
  player.comes();
  assert.deepEqual([player.done, player.range], [["near", "plays"], [2, 7]]);
  player.comes();
  assert.deepEqual(player.done, ["near", "plays"], "somebody else's source gets nothing");
});

test("what is shown beside a run stays there when more frames come", () => {
  const page = "http://studio/p/p/models/runs/3/?beside=2";
  const more = withMore("/p/p/models/runs/3/player.json?done=24&beside=2", { done: 48, whole: true }, page);
  assert.equal(more, "http://studio/p/p/models/runs/3/player.json?done=48&beside=2&ready=");
});
