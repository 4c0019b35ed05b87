/** The order of a review: what is being judged, what came before, what comes next. No document. */

/**
 * @typedef {object} Item
 * @property {number} id
 * @property {string} name
 * @property {number} frames
 * @property {string} poster
 * @property {string} player address of the layers
 * @property {string} side address of what stands beside the player
 * @property {string} verdicts address that takes a verdict
 */
/**
 * @typedef {{decision: "accept" | "reject" | "skip", reasons: string[], verdict: number | null}} Outcome
 */

/** Decided samples that stay above the current one. */
const KEPT_ABOVE = 2;

export class ReviewQueue {
  /** @type {Item[]} */ #items;
  /** @type {Map<number, Outcome>} */ #outcomes = new Map();
  /** @type {number[]} positions, in the order of the verdicts */ #order = [];
  #at = 0;

  /** @param {readonly Item[]} items */
  constructor(items) {
    this.#items = [...items];
  }

  /** @returns {Item | undefined} undefined when nothing is left */
  get current() {
    return this.#items[this.#at];
  }

  /** @returns {number} verdicts that decide; a skip does not */
  get decided() {
    return [...this.#outcomes.values()].filter((outcome) => outcome.decision !== "skip").length;
  }

  /** @returns {number} */
  get left() {
    return this.#items.length - this.#outcomes.size;
  }

  /**
   * @param {number} count
   * @returns {Item[]} what is judged after the current one
   */
  following(count) {
    return this.#items.filter((item, at) => at > this.#at && !this.#outcomes.has(item.id)).slice(0, count);
  }

  /** @returns {{item: Item, outcome: Outcome | undefined, current: boolean}[]} the rows of the rail */
  rows() {
    const first = Math.max(0, this.#at - KEPT_ABOVE);
    return this.#items.slice(first).map((item, index) => ({
      item,
      outcome: this.#outcomes.get(item.id),
      current: first + index === this.#at,
    }));
  }

  /**
   * Note the verdict on the current sample and go to the next one that has none.
   * @param {Outcome} outcome
   * @returns {Item | undefined} the next sample
   */
  decide(outcome) {
    const item = this.current;
    if (!item) return undefined;
    this.#outcomes.set(item.id, outcome);
    this.#order.push(this.#at);
    const next = this.#items.findIndex((other, at) => at > this.#at && !this.#outcomes.has(other.id));
    const earlier = this.#items.findIndex((other) => !this.#outcomes.has(other.id));
    this.#at = next >= 0 ? next : earlier >= 0 ? earlier : this.#items.length;
    return this.current;
  }

  /** @returns {{item: Item, outcome: Outcome} | undefined} the newest verdict */
  get last() {
    const at = this.#order.at(-1);
    const item = at === undefined ? undefined : this.#items[at];
    const outcome = item && this.#outcomes.get(item.id);
    return item && outcome ? { item, outcome } : undefined;
  }

  /** Take the newest verdict back and return to its sample. */
  undo() {
    const at = this.#order.pop();
    const item = at === undefined ? undefined : this.#items[at];
    if (at === undefined || !item) return;
    this.#outcomes.delete(item.id);
    this.#at = at;
  }

  /** @param {number} id */
  select(id) {
    const at = this.#items.findIndex((item) => item.id === id);
    if (at >= 0) this.#at = at;
  }
}
