/** Requests to this site's own API: the CSRF token goes along, a refusal becomes an ApiError. */
import { gettext } from "./text.js";

/** What the server said about a refused request: a sentence and, where there is one, what to do. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, hint?: string}} [more]
   */
  constructor(message, { status = 0, hint = "" } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.hint = hint;
  }
}

/**
 * The cookie's, which is new after a login in another tab; what the page brought along is not.
 * @returns {string}
 */
export function csrfToken() {
  const kept = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return kept ?? document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/**
 * @param {string} url
 * @param {{method?: string, json?: unknown, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} the JSON answer, null when there is no body
 * @throws {ApiError} with status 0 when the server did not answer, or not to the end
 */
export async function request(url, { method = "GET", json, signal } = {}) {
  const headers = new Headers({ Accept: "application/json" });
  if (method !== "GET" && method !== "HEAD") headers.set("X-CSRFToken", csrfToken());
  if (json !== undefined) headers.set("Content-Type", "application/json");
  const body = json === undefined ? undefined : JSON.stringify(json);
  let answer, text;
  try {
    answer = await fetch(url, { method, headers, body, signal, credentials: "same-origin" });
    // The connection may also break in the middle of an answer.
    if (answer.ok) text = await answer.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(gettext("The server did not answer."), { hint: gettext("Nothing is lost; try again.") });
  }
  if (!answer.ok) throw await refusal(answer);
  return text ? JSON.parse(text) : null;
}

/** @param {Response} answer */
async function refusal(answer) {
  const said = await answer.json().catch(() => ({}));
  const message = said.message ?? said.detail ?? `${answer.status} ${answer.statusText}`;
  return new ApiError(String(message), { status: answer.status, hint: String(said.hint ?? "") });
}
