/** Pieces of work of several streams on one thread: one after the other, the most urgent first. */

export class Turns {
  /** @type {{rank: number, begin: () => void}[]} in the order they came */ #waiting = [];

  /** @param {(task: () => void) => void} later runs it in a task of its own, so that what arrives meanwhile is heard */
  constructor(later) {
    this.later = later;
  }

  /**
   * @param {number} rank the lowest is next; of equal ones what came first
   * @returns {Promise<void>} when it is its turn, which lasts until it waits for something
   */
  take(rank) {
    return new Promise((begin) => {
      this.#waiting.push({ rank, begin });
      this.later(() => this.#next());
    });
  }

  #next() {
    const lowest = Math.min(...this.#waiting.map(({ rank }) => rank));
    const [next] = this.#waiting.splice(this.#waiting.findIndex(({ rank }) => rank === lowest), 1);
    next?.begin();
  }
}
