/** Leases of this page: taken, renewed while it is open, given back when it is left. */
import { csrfToken, request } from "../lib/api.js";

/** @typedef {import("./queue.js").Given} Given */
/** @typedef {{take: string, renew: string, release: string}} Addresses */
/** @typedef {{queue: string, order: string, run: number | null, category: string, finding: string}} Chosen */

/** The sample on screen and those that are decoded ahead. */
const HELD = 3;
/** As many as the server takes. */
const LEFT_OUT = 500;

/** A name for this page that no other has; randomUUID is missing on plain http. */
function sessionName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Leases {
  #session = sessionName();

  /**
   * @param {Addresses} addresses
   * @param {Chosen} chosen
   */
  constructor(addresses, chosen) {
    this.addresses = addresses;
    this.chosen = chosen;
  }

  /**
   * @param {readonly number[]} held
   * @param {readonly number[]} done what the page has finished with, whatever queue it is in
   * @returns {Promise<Given>}
   */
  take(held, done) {
    const json = { session: this.#session, ...this.chosen, samples: held, count: HELD, leave_out: done.slice(-LEFT_OUT) };
    return request(this.addresses.take, { method: "POST", json });
  }

  /**
   * @param {string} address of one sample
   * @throws {import("../lib/api.js").ApiError} while somebody else has it
   */
  async takeOne(address) {
    await request(address, { method: "PUT", json: { session: this.#session } });
  }

  /**
   * @param {readonly number[]} held
   * @returns {Promise<number[]>} what is still ours
   */
  async renew(held) {
    const answer = await request(this.addresses.renew, { method: "POST", json: { session: this.#session, samples: held } });
    return answer.samples;
  }

  /** Give everything back although the page is going away: the request outlives it, and so may a take. */
  releaseAll() {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    const body = JSON.stringify({ session: this.#session, leaving: true });
    void fetch(this.addresses.release, { method: "POST", headers, body, keepalive: true, credentials: "same-origin" });
  }
}
