import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameClock } from "./clock.js";

const NTSC = /** @type {const} */ ([30000, 1001]);

/**
 * Play with screen refreshes every `tick` ms; every due frame can be drawn at once.
 * @param {FrameClock} clock
 * @param {number} ticks
 * @param {number} tick
 */
function run(clock, ticks, tick) {
  const seen = [clock.frame];
  for (let i = 1; i <= ticks; i++) {
    const frame = clock.due(i * tick);
    if (frame !== clock.frame) {
      clock.shown(frame, i * tick);
      seen.push(frame);
    }
  }
  return seen;
}

test("a seek is cut to the clip and the last frame can be reached", () => {
  const clock = new FrameClock(85, [16, 1]);
  clock.seek(500);
  assert.equal(clock.frame, 84);
  clock.seek(-3);
  assert.equal(clock.frame, 0);
});

test("playing shows every frame once, in order, and stops on the last", () => {
  const clock = new FrameClock(48, [24, 1]);
  clock.play(1, 0);
  const seen = run(clock, 200, 1000 / 60);
  assert.deepEqual(seen, [...Array(48).keys()]);
  assert.equal(clock.playing, false);
});

test("an exact rational rate does not drift: frame 29970 of 30000/1001 is due after 1000.0 s", () => {
  const clock = new FrameClock(100_000, NTSC);
  clock.play(2, 0);
  assert.equal(clock.due((29_970 / 2) * (1001 / 30000) * 1000), 29_970);
  assert.equal(clock.due((29_970 / 2) * (1001 / 30000) * 1000 - 0.01), 29_969);
});

test("a machine that is too slow plays slower and skips nothing", () => {
  const clock = new FrameClock(30, [24, 1]);
  clock.play(1, 0);
  assert.deepEqual(run(clock, 29, 100), [...Array(30).keys()]);
});

test("after one late frame the pace is normal again, without a rush", () => {
  const clock = new FrameClock(30, [10, 1]);
  clock.play(1, 0);
  assert.equal(clock.due(100), 1);
  clock.shown(1, 1000);
  assert.equal(clock.due(1050), 1);
  assert.equal(clock.due(1100), 2);
});

test("double speed may skip", () => {
  const clock = new FrameClock(60, [10, 1]);
  clock.play(2, 0);
  assert.equal(clock.due(500), 10);
});

test("backwards ends on frame 0", () => {
  const clock = new FrameClock(10, [10, 1]);
  clock.seek(5);
  clock.play(-1, 0);
  assert.deepEqual(run(clock, 20, 50), [5, 4, 3, 2, 1, 0]);
});

test("a loop runs from in to out and over", () => {
  const clock = new FrameClock(20, [10, 1]);
  clock.setIn(4);
  clock.setOut(6);
  clock.looping = true;
  clock.seek(4);
  clock.play(1, 0);
  assert.deepEqual(run(clock, 7, 100), [4, 5, 6, 4, 5, 6, 4, 5]);
});

test("a loop goes round without a frame that counts as late, and without losing time", () => {
  const clock = new FrameClock(20, [30, 1]);
  clock.setIn(4);
  clock.setOut(6);
  clock.looping = true;
  clock.seek(4);
  clock.play(1, 0);
  const late = [];
  const drawn = [];
  // The screen is refreshed at its own pace, so that no frame is drawn exactly when it is due.
  for (let now = 0; now < 2990; now += 1000 / 59) {
    const frame = clock.due(now);
    if (frame === clock.frame) continue;
    drawn.push(frame);
    if (clock.shown(frame, now)) late.push([frame, now]);
  }
  assert.deepEqual(late, []);
  assert.equal(drawn.length, 89);
  assert.deepEqual(drawn.slice(0, 4), [5, 6, 4, 5]);
});

for (const speed of [1, -1]) {
  test(`a frame that comes late where the loop goes round counts as late, at speed ${speed}`, () => {
    const clock = new FrameClock(20, [10, 1]);
    clock.setIn(4);
    clock.setOut(6);
    clock.looping = true;
    clock.seek(5);
    clock.play(speed, 0);
    assert.equal(clock.shown(5 + speed, 100), false);
    assert.equal(clock.due(450), 5 - speed);
    assert.equal(clock.shown(5 - speed, 450), true);
    assert.equal(clock.due(540), 5 - speed);
    assert.equal(clock.due(560), 5);
  });
}

test("playing from outside the loop starts at its beginning", () => {
  const clock = new FrameClock(20, [10, 1]);
  clock.setIn(4);
  clock.setOut(6);
  clock.looping = true;
  clock.seek(15);
  clock.play(1, 0);
  assert.equal(clock.frame, 4);
});

test("an in point behind the out point lets go of the out point", () => {
  const clock = new FrameClock(20, [10, 1]);
  clock.setOut(6);
  clock.setIn(9);
  assert.deepEqual([clock.loopIn, clock.loopOut], [9, null]);
});

test("J and L go faster in their direction and turn round against it", () => {
  const clock = new FrameClock(100, [10, 1]);
  clock.seek(50);
  clock.shuttle(1, 0);
  clock.shuttle(1, 0);
  assert.equal(clock.speed, 2);
  clock.shuttle(-1, 0);
  assert.equal(clock.speed, -1);
  for (let i = 0; i < 9; i++) clock.shuttle(-1, 0);
  assert.equal(clock.speed, -8);
});

test("a single frame does not play and steps nowhere", () => {
  const clock = new FrameClock(1, [25, 1]);
  clock.step(1);
  assert.equal(clock.frame, 0);
  clock.play(1, 0);
  assert.equal(clock.playing, false);
  assert.equal(clock.due(1000), 0);
});

test("what begins anew at an end shows the frame there, however late it comes", () => {
  const clock = new FrameClock(10, [24, 1]);
  clock.seek(9);
  clock.play(1, 0);
  assert.equal(clock.due(500), 0);
  assert.equal(clock.shown(0, 500), false);
  assert.equal(clock.due(520), 0);
  assert.equal(clock.due(550), 1);
  clock.seek(9);
  clock.play(1, 1000);
  clock.stands(1400); // it was on screen already
  assert.equal(clock.due(1420), 0);
  assert.equal(clock.due(1450), 1);
});
