/**
 * The order of a review: what is being judged, what came before, what comes next. No document.
 *
 * What the page holds was leased to it by the server, so nobody else is looking at it; what comes
 * after that is only what the server expects to give next.
 */

/**
 * @typedef {object} Item
 * @property {number} id
 * @property {string} name
 * @property {number} frames
 * @property {string} review
 * @property {boolean} disputed
 * @property {string} poster
 * @property {string} player address of the layers
 * @property {string} side address of what stands beside the player
 * @property {string} verdicts address that takes a verdict
 * @property {string} comments address of what was said
 * @property {string} lease address that leases this one
 * @property {number | null} [score] 0 good to 1 bad, of the quality checks
 * @property {string} [finding] what the checks found worst
 */
/**
 * @typedef {{decision: "accept" | "reject" | "skip", reasons: string[], verdict: number | null}} Outcome
 */
/** @typedef {{items: Item[], upcoming: Item[], waiting: number}} Given what the server answers */

/** Decided samples that stay above the current one. */
const KEPT_ABOVE = 2;

export class ReviewQueue {
  /** @type {Item[]} */ #held = [];
  /** @type {Item[]} */ #upcoming = [];
  /** @type {{item: Item, outcome: Outcome}[]} in the order of the verdicts */ #done = [];
  /** @type {number | null} the id of what is judged, null for the first held */ #chosen = null;
  /** Samples that wait, those on screen included. */
  waiting = 0;

  /** @param {Given} [given] */
  constructor(given) {
    if (given) this.fill(given);
  }

  /**
   * Take over what the server gave; what is held keeps its order.
   * @param {Given} given
   */
  fill({ items, upcoming, waiting }) {
    const fresh = new Map(items.map((item) => [item.id, item]));
    const decided = new Set(this.#done.map(({ item }) => item.id));
    const kept = this.#held.filter((item) => fresh.has(item.id));
    const known = new Set(kept.map((item) => item.id));
    this.#held = [...kept, ...items.filter((item) => !known.has(item.id) && !decided.has(item.id))];
    const held = new Set(this.#held.map((item) => item.id));
    this.#upcoming = upcoming.filter((item) => !held.has(item.id));
    this.waiting = waiting;
  }

  /** @returns {Item | undefined} undefined when the page holds nothing */
  get current() {
    return this.#held.find((item) => item.id === this.#chosen) ?? this.#held[0];
  }

  /** @returns {number[]} what the page holds */
  get held() {
    return this.#held.map((item) => item.id);
  }

  /** @returns {number[]} what this page has finished with */
  get done() {
    return this.#done.map(({ item }) => item.id);
  }

  /** @returns {number} verdicts that decide; a skip does not */
  get decided() {
    return this.#done.filter(({ outcome }) => outcome.decision !== "skip").length;
  }

  /** @returns {Item[]} what is judged after the current one and already leased */
  get following() {
    return this.#held.filter((item) => item !== this.current);
  }

  /** @returns {{item: Item, outcome?: Outcome, current: boolean, held: boolean}[]} the rows of the rail */
  rows() {
    const current = this.current;
    return [
      ...this.#done.slice(-KEPT_ABOVE).map(({ item, outcome }) => ({ item, outcome, current: false, held: false })),
      ...this.#held.map((item) => ({ item, current: item === current, held: true })),
      ...this.#upcoming.map((item) => ({ item, current: false, held: false })),
    ];
  }

  /**
   * Note the verdict on the current sample and go to the next one.
   * @param {Outcome} outcome
   * @returns {Outcome | undefined} the same outcome, whose verdict becomes known later
   */
  decide(outcome) {
    const item = this.current;
    if (!item) return undefined;
    const at = this.#held.indexOf(item);
    this.#held.splice(at, 1);
    this.#done.push({ item, outcome });
    this.#chosen = this.#held[at]?.id ?? null;
    this.waiting = Math.max(0, this.waiting - 1);
    return outcome;
  }

  /** @returns {{item: Item, outcome: Outcome} | undefined} the newest verdict */
  get last() {
    return this.#done.at(-1);
  }

  /**
   * Take a verdict back and return to its sample.
   * @param {Outcome} [outcome] the newest if absent
   */
  undo(outcome) {
    const at = outcome ? this.#done.findIndex((done) => done.outcome === outcome) : this.#done.length - 1;
    const [done] = at >= 0 ? this.#done.splice(at, 1) : [];
    if (!done) return;
    this.#held.unshift(done.item);
    this.#chosen = done.item.id;
    this.waiting += 1;
  }

  /**
   * Judge this one now; it has been leased.
   * @param {Item} item
   */
  select(item) {
    if (!this.#held.some((held) => held.id === item.id)) this.#held.unshift(item);
    this.#upcoming = this.#upcoming.filter((other) => other.id !== item.id);
    this.#chosen = item.id;
  }

  /** @param {number} id of a row of the rail */
  item(id) {
    return [...this.#held, ...this.#upcoming].find((item) => item.id === id);
  }

  /**
   * Let go of what the server gave to somebody else.
   * @param {readonly number[]} kept what is still ours
   * @returns {Item[]} what was lost
   */
  keep(kept) {
    const lost = this.#held.filter((item) => !kept.includes(item.id));
    this.#held = this.#held.filter((item) => kept.includes(item.id));
    return lost;
  }
}
