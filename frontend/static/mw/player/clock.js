/**
 * The frame number is the only clock of the viewer. Wall time decides when the next frame is due,
 * never which frame it is; at normal speed every frame is shown, so a slow machine plays slower
 * instead of skipping what somebody judges.
 */

/** Playback speeds that J and L step through. */
const SPEEDS = [1, 2, 4, 8];

export class FrameClock {
  /** @type {number} the frame that should be on screen */
  frame = 0;
  /** @type {number} signed: -1 is backwards at normal speed, 0 is paused */
  speed = 0;
  looping = false;
  /** @type {number | null} */ loopIn = null;
  /** @type {number | null} */ loopOut = null;
  /** When the frame at #anchorFrame was due, in ms. */
  #anchorTime = 0;
  #anchorFrame = 0;
  /** Whether playback waits for the frame that it begins with, which may have to be decoded first. */
  #waits = false;

  /**
   * @param {number} frames of the clip
   * @param {readonly [number, number]} fps exact rational, numerator and denominator
   */
  constructor(frames, fps) {
    if (!Number.isInteger(frames) || frames < 1) throw new RangeError(`a clip has at least one frame, not ${frames}`);
    this.frames = frames;
    this.fps = fps;
  }

  get last() {
    return this.frames - 1;
  }

  get playing() {
    return this.speed !== 0;
  }

  /** First and last frame that playback runs over. */
  get range() {
    const start = this.looping ? (this.loopIn ?? 0) : 0;
    const end = this.looping ? (this.loopOut ?? this.last) : this.last;
    return /** @type {const} */ ([start, end]);
  }

  /** @param {number} frame any number; it is cut to the clip */
  seek(frame) {
    this.frame = Math.max(0, Math.min(this.last, Math.round(frame)));
    this.#anchorFrame = this.frame;
    this.#anchorTime = NaN;
    this.#waits = false;
  }

  /** @param {number} step */
  step(step) {
    this.pause();
    this.seek(this.frame + step);
  }

  /**
   * @param {number} speed
   * @param {number} now ms
   */
  play(speed, now) {
    const [start, end] = this.range;
    if (start === end) return;
    const done = speed > 0 ? this.frame >= end : this.frame <= start;
    const outside = this.frame < start || this.frame > end;
    this.#waits = done || outside;
    if (this.#waits) this.frame = speed > 0 ? start : end;
    this.speed = speed;
    this.#anchorFrame = this.frame;
    this.#anchorTime = now;
  }

  pause() {
    this.speed = 0;
  }

  /**
   * L (+1) and J (-1): start, then go faster; against the direction, turn round.
   * @param {1 | -1} direction
   * @param {number} now ms
   */
  shuttle(direction, now) {
    const same = Math.sign(this.speed) === direction;
    const at = same ? SPEEDS.indexOf(Math.abs(this.speed)) : -1;
    this.play(direction * (SPEEDS[Math.min(at + 1, SPEEDS.length - 1)] ?? 1), now);
  }

  /** @param {number | null} frame */
  setIn(frame) {
    this.loopIn = frame;
    if (frame !== null && this.loopOut !== null && this.loopOut <= frame) this.loopOut = null;
  }

  /** @param {number | null} frame */
  setOut(frame) {
    this.loopOut = frame;
    if (frame !== null && this.loopIn !== null && this.loopIn >= frame) this.loopIn = null;
  }

  /**
   * Which frame should be on screen now. Moves nothing; `shown` does.
   * @param {number} now ms
   */
  due(now) {
    if (!this.playing || this.#waits) return this.frame;
    if (Number.isNaN(this.#anchorTime)) this.#anchorTime = now;
    const passed = this.#framesSince(now);
    if (passed < 1) return this.frame;
    const steps = Math.abs(this.speed) === 1 ? Math.min(passed, this.#shownSinceAnchor() + 1) : passed;
    return this.#walk(this.#anchorFrame, steps);
  }

  /**
   * The frame was drawn. A frame that came late becomes the new anchor, so lateness is not caught
   * up by skipping; the end of a clip without a loop pauses.
   * @param {number} frame
   * @param {number} now ms
   * @returns {boolean} whether it came a frame or more after it was due
   */
  shown(frame, now) {
    this.stands(now);
    const [start, end] = this.range;
    const wrapped = this.playing && Math.sign(frame - this.frame) === -Math.sign(this.speed);
    const steps = this.#stepsTo(frame, wrapped ? end - start + 1 : 0);
    const late = this.playing && this.#framesSince(now) > steps + 1;
    this.frame = frame;
    if (late || wrapped) {
      this.#anchorFrame = frame;
      // What comes round in time keeps the pace: it counts from when it was due.
      this.#anchorTime = late ? now : this.#anchorTime + steps * this.#frameTime;
    }
    if (this.playing && !this.looping && frame === (this.speed > 0 ? end : start)) this.pause();
    return late;
  }

  /**
   * The frame that playback begins with is on screen: its time begins now.
   * @param {number} now ms
   */
  stands(now) {
    if (this.#waits) this.#anchorTime = now;
    this.#waits = false;
  }

  /** How long a frame is on screen at this speed, in ms. */
  get #frameTime() {
    const [numerator, denominator] = this.fps;
    return (denominator * 1000) / (numerator * Math.abs(this.speed));
  }

  /** @param {number} now */
  #framesSince(now) {
    // A hair more than the exact quotient: 41.666... ms at 24 fps is one whole frame.
    return Math.floor((now - this.#anchorTime) / this.#frameTime + 1e-6);
  }

  #shownSinceAnchor() {
    return this.#stepsTo(this.frame);
  }

  /**
   * @param {number} frame
   * @param {number} [round] frames of the loop that it has just gone round
   */
  #stepsTo(frame, round = 0) {
    return Math.max(0, (frame - this.#anchorFrame) * Math.sign(this.speed) + round);
  }

  /**
   * @param {number} from
   * @param {number} steps
   */
  #walk(from, steps) {
    const [start, end] = this.range;
    const direction = Math.sign(this.speed);
    const target = from + direction * steps;
    if (target >= start && target <= end) return target;
    if (!this.looping) return direction > 0 ? end : start;
    const length = end - start + 1;
    return start + ((((target - start) % length) + length) % length);
  }
}
