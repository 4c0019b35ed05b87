/**
 * What was really drawn, frame by frame: the badge and the tests read it. A picture carries the
 * number that was written on it where it was decoded, so this does not believe what was asked for.
 */

/** @typedef {import("./picture.js").Picture} Picture */

export class Ledger {
  /** Frames drawn since the sample was opened. */
  drawn = 0;
  /** Those on which some stream showed another frame. */
  mixed = 0;
  /** Those that came a frame or more after they were due while playing. */
  late = 0;
  /** Streams that show the frame on screen. */
  locked = 0;
  /** Streams that should. */
  streams = 0;

  /**
   * @param {number} frame that the viewer says it shows
   * @param {readonly (Picture | undefined)[]} pictures of every stream
   * @param {boolean} late
   */
  note(frame, pictures, late) {
    this.streams = pictures.length;
    this.locked = pictures.filter((picture) => picture?.frame === frame).length;
    this.drawn++;
    if (this.locked < this.streams) this.mixed++;
    if (late) this.late++;
  }
}
