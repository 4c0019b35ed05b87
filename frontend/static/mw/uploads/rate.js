/** How fast bytes go and how long the rest takes, smoothed over ten seconds so that it does not jump. */

const WINDOW_MS = 10_000;
const FIRST_WORD_MS = 3_000;

export class Rate {
  /** @type {{at: number, bytes: number}[]} */ #seen = [];
  #begun = 0;

  /**
   * @param {number} at milliseconds of a clock that never goes back
   * @param {number} bytes sent so far; less than before after a retry, which counts as no progress
   */
  note(at, bytes) {
    const last = this.#seen.at(-1);
    if (!last) this.#begun = at;
    this.#seen.push({ at, bytes: last ? Math.max(bytes, last.bytes) : bytes });
    while (this.#seen.length > 2 && /** @type {{at: number}} */ (this.#seen[1]).at < at - WINDOW_MS) this.#seen.shift();
  }

  /** Forget everything, after a pause. */
  reset() {
    this.#seen = [];
  }

  /** @returns {number} bytes per second, 0 while unknown */
  perSecond() {
    const first = this.#seen[0];
    const last = this.#seen.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }

  /**
   * @param {number} rest bytes still to send
   * @returns {number | null} seconds; null while it would be a guess
   */
  secondsLeft(rest) {
    const last = this.#seen.at(-1);
    const rate = this.perSecond();
    if (!last || rate <= 0 || last.at - this.#begun < FIRST_WORD_MS) return null;
    return rest / rate;
  }
}
