/** What the server keeps of the work, and the requests that change it. */
import { ApiError, csrfToken, request } from "../lib/api.js";
import { gettext } from "../lib/text.js";
import { Framing } from "./framing.js";

/**
 * @typedef {[number, "hand" | "engine", number]} KeptFrame frame, who made it, how sure 0..1
 * @typedef {{number: number, name: string, colour: number, locked: boolean, frames: KeptFrame[]}} MaskObject
 * @typedef {{id: number, object: number, frame: number, kind: string, positive: boolean, points: number[][], radius: number, author: number | null}} KeptMark
 * @typedef {{objects: MaskObject[], marks: KeptMark[], undo: boolean, redo: boolean, versions: {number: number, masks: string[]}[]}} Facts
 * @typedef {{object: number, frame: number, kind: string, points?: number[][], positive?: boolean, radius?: number, source_frame?: number, pressure?: number[], soft?: number}} Drawn
 * @typedef {{object: number, frame: number, mark: KeptMark, undone: boolean, mask?: string | null, origin?: "hand" | "engine" | null, superseded?: boolean, away?: string}} Answer
 */

export class Session extends EventTarget {
  /** @type {Facts} */ facts = { objects: [], marks: [], undo: false, redo: false, versions: [] };

  /** What this person drew last before the step that is on its way. @type {number | undefined} */ #before;

  /**
   * @param {string} state address of the facts
   * @param {number} me who works here
   */
  constructor(state, me) {
    super();
    this.state = state;
    this.me = me;
    this.base = state.slice(0, state.lastIndexOf("/") + 1);
  }

  async load() {
    this.#take(await request(this.state));
  }

  /**
   * @param {Drawn} mark
   * @param {boolean} again an earlier try got no answer: what has arrived is not stored twice
   * @returns {Promise<Answer>} which is to be applied
   */
  mark(mark, again = false) {
    return request(`${this.base}marks`, { method: "POST", json: again ? { ...mark, again } : mark });
  }

  /**
   * @param {"undo" | "redo"} way
   * @param {boolean} again an earlier try got no answer: a step that was made is not made twice
   * @returns {Promise<Answer | null>} which is to be applied; null when there was nothing to do
   */
  async step(way, again = false) {
    if (again) {
      await this.load();
      if (this.#newest() !== this.#before) return null;
    }
    this.#before = this.#newest();
    const answer = await request(this.base + way, { method: "POST", json: {} });
    return "mark" in answer ? answer : null;
  }

  /** The last mark of this person: undo and redo change it, what others draw does not. */
  #newest() {
    return this.facts.marks.findLast(({ author }) => author === this.me)?.id;
  }

  async addObject() {
    this.#take(await request(`${this.base}objects`, { method: "POST", json: {} }));
  }

  /**
   * @param {number} number
   * @param {Record<string, unknown>} wish
   */
  async editObject(number, wish) {
    this.#take(await request(`${this.base}objects/${number}`, { method: "POST", json: wish }));
  }

  /** @returns {Promise<{version: number}>} */
  save() {
    return request(`${this.base}save`, { method: "POST", json: {} });
  }

  stop() {
    return request(`${this.base}stop`, { method: "POST", json: {} });
  }

  /**
   * @param {number} object
   * @param {number} frame
   */
  maskUrl(object, frame) {
    return `${this.base}masks/${object}/${frame}.png`;
  }

  /**
   * Carry masks from a frame; yields each as it comes.
   * @param {number} frame
   * @param {AbortSignal} signal
   */
  async *carry(frame, signal) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    const answer = await fetch(`${this.base}carry`, { method: "POST", headers, body: JSON.stringify({ frame }), signal });
    if (!answer.ok || !answer.body) throw new ApiError(gettext("The masks cannot be carried on now."), { status: answer.status });
    const framing = new Framing();
    for await (const bytes of answer.body) {
      for (const { head, body } of framing.add(bytes)) {
        if (head.error) throw new ApiError(head.error, { hint: head.hint });
        if (head.done) return;
        this.note(head.object, head.frame, head.final ? "engine" : null, head.sure);
        yield { object: head.object, frame: head.frame, final: head.final, png: body };
      }
    }
    throw new ApiError(gettext("The connection broke."), { hint: gettext("What is finished is kept; carry on once more.") });
  }

  /**
   * @param {number} number
   * @param {number} frame
   * @param {"hand" | "engine" | null} origin null leaves the list alone
   * @param {number} sure
   */
  note(number, frame, origin, sure) {
    const object = this.facts.objects.find((one) => one.number === number);
    if (!object || !origin) return;
    const at = object.frames.findIndex(([kept]) => kept === frame);
    if (at >= 0 && origin === "engine" && object.frames[at]?.[1] === "hand") return;
    if (at >= 0) object.frames.splice(at, 1);
    object.frames.push([frame, origin, sure]);
  }

  /** @param {Answer} answer to a mark or a step */
  apply(answer) {
    const { marks, objects } = this.facts;
    this.facts.marks = marks.filter(({ id }) => id !== answer.mark.id);
    if (!answer.undone) this.facts.marks.push(answer.mark);
    if (answer.origin) this.note(answer.object, answer.frame, "hand", 1);
    const object = objects.find(({ number }) => number === answer.object);
    if (object && answer.origin !== "hand" && !answer.superseded && !answer.away) {
      object.frames = object.frames.filter(([frame]) => frame !== answer.frame);
      if (answer.origin) object.frames.push([answer.frame, answer.origin, 0.5]);
    }
    this.facts.undo = this.facts.marks.length > 0;
    this.facts.redo = answer.undone || (this.facts.redo && answer.undone);
    this.dispatchEvent(new Event("changed"));
  }

  /** @param {Facts} facts */
  #take(facts) {
    this.facts = facts;
    this.dispatchEvent(new Event("changed"));
  }
}
