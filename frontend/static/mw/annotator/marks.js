/** From what a pointer did to a mark as the server stores it. Points are pixels of the video. */

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {"click" | "scribble" | "box" | "outline" | "brush" | "erase"} Tool
 * @typedef {{kind: string, positive: boolean, points: number[][], pressure: number[], radius: number, soft: number}} Mark
 */

/** A pointer that moved less, in pixels of the screen, clicked. */
export const CLICK_REACH = 3;
/** Points nearer to the last one, in pixels of the video, say nothing new. */
const LEAST_STEP = 0.75;

export class Drag {
  /** Whether the pointer was lifted: what it does after that is no part of it. */
  ended = false;
  /** @type {number[][]} */ points = [];
  /** @type {number[]} */ pressure = [];

  /**
   * @param {Tool} tool
   * @param {boolean} positive
   * @param {number} scale pixels of the screen per pixel of the video
   */
  constructor(tool, positive, scale) {
    this.tool = tool;
    this.positive = tool === "erase" ? false : positive;
    this.scale = scale;
  }

  /**
   * @param {Point} point
   * @param {number} [pressure] 0..1 of a pen; absent for what has none
   * @returns {boolean} whether it says something new
   */
  add({ x, y }, pressure) {
    if (this.ended) return false;
    const last = this.points.at(-1);
    if (last && Math.hypot(x - Number(last[0]), y - Number(last[1])) < LEAST_STEP) return false;
    this.points.push([x, y]);
    if (pressure !== undefined) this.pressure.push(pressure);
    return true;
  }

  /** The way from the first point to the farthest, in pixels of the screen. */
  get reach() {
    const [first] = this.points;
    if (!first) return 0;
    return this.scale * Math.max(...this.points.map(([x, y]) => Math.hypot(Number(x) - Number(first[0]), Number(y) - Number(first[1]))));
  }

  /**
   * Ends the drag.
   * @param {{radius: number, soft: number}} brush
   * @returns {Mark | null} null for a box or an outline that holds nothing
   */
  mark({ radius, soft }) {
    this.ended = true;
    const [first] = this.points;
    const last = this.points.at(-1);
    if (!first || !last) return null;
    const made = { positive: this.positive, pressure: this.pressure, soft: 0 };
    const clicked = this.reach < CLICK_REACH;
    if (this.tool === "brush" || this.tool === "erase") return { ...made, kind: "brush", points: this.points, radius, soft };
    if (this.tool === "box") return clicked ? null : { ...made, pressure: [], kind: "box", points: [first, last], radius: 1 };
    if (this.tool === "outline") return this.points.length < 3 || clicked ? null : { ...made, pressure: [], kind: "outline", points: this.points, radius: 1 };
    if (this.tool === "click" || clicked) return { ...made, pressure: [], kind: "click", points: [first], radius: 3 };
    return { ...made, kind: "scribble", points: this.points, radius: 3 };
  }
}

/**
 * Where the next correction helps most: the frame that the engine is least sure of.
 * @param {readonly {frames: readonly [number, string, number][]}[]} objects
 * @returns {number | null} null when there is none of the engine's
 */
export function leastSure(objects) {
  const worst = objects
    .flatMap(({ frames }) => frames.filter(([, origin]) => origin === "engine"))
    .sort((one, other) => one[2] - other[2] || one[0] - other[0])[0];
  return worst ? worst[0] : null;
}
