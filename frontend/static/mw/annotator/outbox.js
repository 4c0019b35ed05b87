/**
 * What is to be sent: one thing after the other, in order, and again until the server is back. What
 * only asks stands in the same line, as its answer belongs between what was sent before and after.
 */
import { ApiError } from "../lib/api.js";

const LOOKS_APART_MS = 2000;
/** What a proxy answers while the server behind it is away. */
const AWAY = [0, 502, 503, 504];

export class Outbox extends EventTarget {
  /** How many changes are not delivered yet. */
  unsent = 0;
  /** Whether nothing is under way, questions included. */
  idle = true;
  /** Whether the server did not answer when it was asked last. */
  away = false;
  /** @type {Promise<unknown>} */ #queue = Promise.resolve();
  #waiting = 0;

  /** @param {() => Promise<void>} [patience] until it is worth to try once more */
  constructor(patience = laterOrOnline) {
    super();
    this.patience = patience;
  }

  /**
   * @template T
   * @param {(again: boolean) => Promise<T>} work changes something; is told whether an earlier try
   *   got no answer, so that it may have arrived
   * @returns {Promise<T>} fails only where the server refused
   */
  add(work) {
    return this.#lined(work, 1);
  }

  /**
   * @template T
   * @param {() => Promise<T>} work changes nothing: while it waits, nothing of anybody's is unsent
   * @returns {Promise<T>} fails only where the server refused
   */
  ask(work) {
    return this.#lined(work, 0);
  }

  /**
   * @template T
   * @param {(again: boolean) => Promise<T>} work
   * @param {0 | 1} changes
   * @returns {Promise<T>}
   */
  #lined(work, changes) {
    this.#note(1, changes, this.away);
    const done = this.#queue.then(() => this.#delivered(work)).finally(() => this.#note(-1, -changes, this.away));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /**
   * @template T
   * @param {(again: boolean) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #delivered(work) {
    for (let again = false; ; again = true) {
      try {
        const answer = await work(again);
        this.#note(0, 0, false);
        return answer;
      } catch (error) {
        const away = error instanceof ApiError && AWAY.includes(error.status);
        this.#note(0, 0, away);
        if (!away) throw error;
        await this.patience();
      }
    }
  }

  /** @param {number} more @param {number} changes of these @param {boolean} away */
  #note(more, changes, away) {
    this.#waiting += more;
    this.unsent += changes;
    this.idle = this.#waiting === 0;
    this.away = away;
    this.dispatchEvent(new Event("changed"));
  }
}

/** @returns {Promise<void>} after two seconds, or as soon as the browser says that it is online */
function laterOrOnline() {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, LOOKS_APART_MS);
    addEventListener("online", done);
  });
}
