/** What is to be sent: one thing after the other, in order, and again until the server is back. */
import { ApiError } from "../lib/api.js";

const LOOKS_APART_MS = 2000;
/** What a proxy answers while the server behind it is away. */
const AWAY = [0, 502, 503, 504];

export class Outbox extends EventTarget {
  /** How many are not delivered yet. */
  waiting = 0;
  /** Whether the server did not answer when it was asked last. */
  away = false;
  /** @type {Promise<unknown>} */ #queue = Promise.resolve();

  /** @param {() => Promise<void>} [patience] until it is worth to try once more */
  constructor(patience = laterOrOnline) {
    super();
    this.patience = patience;
  }

  /**
   * @template T
   * @param {(again: boolean) => Promise<T>} work is told whether an earlier try got no answer, so
   *   that it may have arrived
   * @returns {Promise<T>} fails only where the server refused
   */
  add(work) {
    this.#note(1, this.away);
    const done = this.#queue.then(() => this.#delivered(work)).finally(() => this.#note(-1, this.away));
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
        this.#note(0, false);
        return answer;
      } catch (error) {
        const away = error instanceof ApiError && AWAY.includes(error.status);
        this.#note(0, away);
        if (!away) throw error;
        await this.patience();
      }
    }
  }

  /** @param {number} more @param {boolean} away */
  #note(more, away) {
    this.waiting += more;
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
