/**
 * Sends by tus, in chunks of 8 MiB, since the server keeps whole chunks only. An upload goes on where
 * the server stands: after a lost connection by itself, after a reload when its file is given again.
 */
import "../../vendor/tus-js-client/tus.min.js";
import { ApiError, csrfToken, request } from "../lib/api.js";
import { gettext } from "../lib/text.js";
import { storedZip } from "./stored_zip.js";

/** @typedef {import("./dropped_files.js").Dropped} Dropped */
/** @typedef {import("./upload_queue.js").Reports} Reports */
/** @typedef {import("./upload_queue.js").Sending} Sending */
/** @typedef {import("./upload_queue.js").Transport} Transport */
/** @typedef {typeof import("../../vendor/tus-js-client/tus.min.js")} Tus */
/** @typedef {{name: string, size: number, offset: number, discard: () => Promise<void>}} Interrupted */

const tus = /** @type {{tus: Tus}} */ (/** @type {unknown} */ (globalThis)).tus;

const CHUNK_BYTES = 8 * 1024 ** 2;
// A day of trying: a laptop may sleep over night.
const RETRY_DELAYS_MS = [500, 1000, 2000, 5000, 10_000, ...Array(4000).fill(20_000)];
const ASK_AGAIN_MS = 1000;
// The client handles these itself: the upload is gone, elsewhere, or held by another request.
const LEFT_TO_CLIENT = new Set([404, 409, 410, 423, 460]);
const GONE = new Set([404, 410]);
const WORTH_A_RETRY = new Set([0, 408, 409, 423, 429, 460, 500, 502, 503, 504]);

/**
 * @param {string} endpoint the project's upload address, ending in "/"
 * @param {Record<string, string>} purpose what the files become, e.g. {kind: "mask", video: "7"}
 * @returns {Transport}
 */
export function tusTransport(endpoint, purpose) {
  return (dropped, reports) => new TusSending(endpoint, purpose, dropped, reports);
}

/**
 * Uploads of an earlier visit that the server still holds and whose file is not here.
 * @param {string} endpoint
 * @returns {Promise<Interrupted[]>}
 */
export async function interruptedUploads(endpoint) {
  const { uploads } = await request(endpoint);
  /** @type {Map<string, {filename: string, size: number, offset: number}>} */
  const receiving = new Map();
  for (const one of uploads) if (one.state === "receiving") receiving.set(one.id, one);
  const base = new URL(endpoint, globalThis.location.href).href;
  const { urlStorage } = tus.defaultOptions;
  /** @type {Interrupted[]} */ const found = [];
  for (const kept of await urlStorage.findAllUploads()) {
    const url = kept.uploadUrl ?? "";
    if (!url.startsWith(base)) continue;
    const known = receiving.get(url.slice(base.length));
    if (!known) {
      await urlStorage.removeUpload(kept.urlStorageKey);
      continue;
    }
    const discard = async () => {
      await urlStorage.removeUpload(kept.urlStorageKey);
      await terminate(url);
    };
    found.push({ name: known.filename, size: known.size, offset: known.offset, discard });
  }
  return found;
}

/** @implements {Sending} */
class TusSending {
  #stopped = new AbortController();
  /** @type {import("../../vendor/tus-js-client/tus.min.js").Upload | null} */ #upload = null;
  /** @type {Promise<void>} */ #prepared;
  #endpoint;
  #purpose;
  #dropped;
  #reports;

  /**
   * @param {string} endpoint
   * @param {Record<string, string>} purpose
   * @param {Dropped} dropped
   * @param {Reports} reports
   */
  constructor(endpoint, purpose, dropped, reports) {
    // The client resolves the server's relative Location against it.
    this.#endpoint = new URL(endpoint, globalThis.location.href).href;
    this.#purpose = purpose;
    this.#dropped = dropped;
    this.#reports = reports;
    this.#prepared = this.#prepare().catch((error) => this.#fail(error));
  }

  stop() {
    this.#stopped.abort();
    this.#upload?.abort();
  }

  async discard() {
    await this.#prepared;
    const upload = this.#upload;
    if (!upload) return;
    const [previous] = await upload.findPreviousUploads();
    if (previous) await tus.defaultOptions.urlStorage.removeUpload(previous.urlStorageKey);
    const url = upload.url ?? previous?.uploadUrl;
    if (url) await terminate(url);
  }

  async #prepare() {
    const { signal } = this.#stopped;
    const { file, name, path } = await this.#packed(signal);
    const upload = new tus.Upload(file, {
      endpoint: this.#endpoint,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      metadata: { filename: name, filetype: file.type, relativePath: path, ...this.#purpose },
      fingerprint: async () => this.#fingerprint(),
      removeFingerprintOnSuccess: true,
      onBeforeRequest: authorise,
      onAfterResponse: refuseForGood,
      onShouldRetry: (error) => this.#shallRetry(error),
      onProgress: (sent) => this.#reports.onSent(sent),
      onError: (error) => this.#fail(error),
      onSuccess: () => this.#watch(upload.url ?? "").catch((error) => this.#fail(error)),
    });
    this.#upload = upload;
    const [previous] = await upload.findPreviousUploads();
    if (previous) upload.resumeFromPreviousUpload(previous);
    if (!signal.aborted) upload.start();
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<{file: Blob, name: string, path: string}>}
   */
  async #packed(signal) {
    const dropped = this.#dropped;
    const name = dropped.path.split("/").at(-1) ?? dropped.path;
    if (dropped.kind === "file") return { file: dropped.file, name, path: dropped.path };
    const file = await storedZip(dropped.files, { onRead: this.#reports.onRead, signal });
    this.#reports.onSize(file.size);
    return { file, name: `${name}.zip`, path: `${dropped.path}.zip` };
  }

  /** The same file for the same purpose, wherever this browser saw it before. */
  #fingerprint() {
    const files = this.#dropped.kind === "file" ? [this.#dropped] : this.#dropped.files;
    const marks = files.map(({ path, file }) => [path, file.size, file.lastModified]);
    return `mw ${JSON.stringify([this.#endpoint, Object.entries(this.#purpose), this.#dropped.path])} ${textHash(JSON.stringify(marks))}`;
  }

  /** @param {Error} error */
  #shallRetry(error) {
    if (!WORTH_A_RETRY.has(statusOf(error))) return false;
    this.#reports.onRetry(gettext("The server does not answer; trying again"));
    return true;
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.#stopped.signal.aborted) return;
    const { message, hint } = said(error);
    this.#reports.onFailed(message, hint);
  }

  /**
   * Everything is there: ask what becomes of it until that is known.
   * @param {string} url
   */
  async #watch(url) {
    const { signal } = this.#stopped;
    this.#reports.onReceived();
    for (;;) {
      const facts = await request(url, { signal }).catch((error) => {
        if (error.status === 0 || error.status >= 500) return { state: "unknown" };
        throw error;
      });
      if (facts.state === "finished") return this.#reports.onDone(facts.result);
      if (facts.state === "failed") return this.#reports.onFailed(facts.message, facts.hint);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      signal.throwIfAborted();
    }
  }
}

/**
 * @param {string} url
 * @throws when the server keeps it, for a moment or until it expires
 */
async function terminate(url) {
  const options = { ...tus.defaultOptions, retryDelays: [0, 500, 2000], onBeforeRequest: authorise };
  try {
    await tus.Upload.terminate(url, options);
  } catch (error) {
    if (!GONE.has(statusOf(error))) throw error;
  }
}

/** @param {import("../../vendor/tus-js-client/tus.min.js").HttpRequest} outgoing */
function authorise(outgoing) {
  outgoing.setHeader("X-CSRFToken", csrfToken());
}

/**
 * Stop at a refusal. The client would forget where the upload is and begin a new one, which after a
 * mere logout costs everything that was sent.
 * @param {import("../../vendor/tus-js-client/tus.min.js").HttpRequest} _outgoing
 * @param {import("../../vendor/tus-js-client/tus.min.js").HttpResponse} answer
 */
function refuseForGood(_outgoing, answer) {
  const status = answer.getStatus();
  if (status >= 400 && status < 500 && !LEFT_TO_CLIENT.has(status)) throw refusal(status, answer.getBody());
}

/**
 * @param {number} status
 * @param {string} body
 */
function refusal(status, body) {
  if (status === 401) {
    return new ApiError(gettext("You are logged out"), {
      status,
      hint: gettext("Log in in another tab, then press Resume: nothing is lost."),
    });
  }
  try {
    const { message, hint } = JSON.parse(body);
    return new ApiError(String(message), { status, hint: String(hint ?? "") });
  } catch {
    return new ApiError(`${gettext("The server refused the file")} (${status})`, { status });
  }
}

/**
 * @param {any} error of the client, perhaps around one of ours
 * @returns {number} 0 when the server did not answer
 */
function statusOf(error) {
  return error?.causingError?.status ?? error?.originalResponse?.getStatus() ?? 0;
}

/**
 * @param {any} error
 * @returns {{message: string, hint: string}}
 */
function said(error) {
  if (error instanceof ApiError) return error;
  if (error?.causingError instanceof ApiError) return error.causingError;
  if (error?.originalResponse) return refusal(error.originalResponse.getStatus(), error.originalResponse.getBody());
  if (error?.name === "NotReadableError") {
    return { message: gettext("The file can no longer be read"), hint: gettext("Choose it again.") };
  }
  return { message: gettext("The upload stopped"), hint: gettext("Press Resume.") };
}

/**
 * 53 bits of a text ("cyrb53"): long enough to tell the folders of one person apart.
 * @param {string} text
 */
function textHash(text) {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
