/** The uploads of one page: which wait, which run, how far they are. Knows no page and no network. */

/** @typedef {import("./dropped_files.js").Dropped} Dropped */
/**
 * waiting -> reading -> sending <-> retrying -> checking -> done
 * any of them -> paused | failed -> waiting
 * @typedef {"waiting" | "reading" | "sending" | "retrying" | "checking" | "done" | "paused" | "failed"} State
 */
/**
 * @typedef {object} Item
 * @property {number} id
 * @property {string} name
 * @property {number} files how many a folder has, 0 for a file
 * @property {number} size bytes
 * @property {number} sent bytes that have left, or were read while it is "reading"
 * @property {State} state
 * @property {string} message what is wrong, or why it waits
 * @property {string} hint
 * @property {Result} result what it became
 */
/** @typedef {{kind?: string, id?: number}} Result */
/**
 * How a transport tells what happens to one upload.
 * @typedef {object} Reports
 * @property {(bytes: number) => void} onRead
 * @property {(size: number) => void} onSize
 * @property {(bytes: number) => void} onSent
 * @property {(message: string) => void} onRetry
 * @property {() => void} onReceived
 * @property {(result: Result) => void} onDone
 * @property {(message: string, hint: string) => void} onFailed
 */
/** @typedef {{stop: () => void, discard: () => Promise<void>}} Sending */
/** @typedef {(dropped: Dropped, reports: Reports) => Sending} Transport */
/** @typedef {{files: number, done: number, failed: number, running: number, paused: number, sent: number, size: number}} Totals */

/** @type {ReadonlySet<State>} */ const RUNNING = new Set(["reading", "sending", "retrying"]);
/** @type {ReadonlySet<State>} */ const STOPPABLE = new Set(["waiting", ...RUNNING]);
/** @type {ReadonlySet<State>} */ const STARTABLE = new Set(["paused", "failed"]);

export class UploadQueue {
  /** @type {Map<number, Item>} */ #items = new Map();
  /** @type {Map<number, Dropped>} */ #dropped = new Map();
  /** @type {Map<number, Sending>} */ #sendings = new Map();
  /** @type {Map<number, Sending>} */ #stopped = new Map();
  #lastId = 0;
  #transport;
  #atOnce;
  #onChange;

  /**
   * @param {Transport} transport
   * @param {{atOnce?: number, onChange?: (item: Item) => void}} [options] onChange: also for an item that is gone
   */
  constructor(transport, { atOnce = 2, onChange = () => {} } = {}) {
    this.#transport = transport;
    this.#atOnce = atOnce;
    this.#onChange = onChange;
  }

  /** @returns {Item[]} in the order in which they came */
  get items() {
    return [...this.#items.values()];
  }

  /** @param {readonly Dropped[]} dropped */
  add(dropped) {
    for (const one of dropped) {
      this.#lastId += 1;
      const folder = one.kind === "folder";
      /** @type {Item} */ const item = {
        id: this.#lastId,
        name: one.path.split("/").at(-1) ?? one.path,
        files: folder ? one.files.length : 0,
        size: folder ? one.files.reduce((sum, { file }) => sum + file.size, 0) : one.file.size,
        ...{ sent: 0, state: "waiting", message: "", hint: "", result: {} },
      };
      this.#items.set(item.id, item);
      this.#dropped.set(item.id, one);
      this.#onChange(item);
    }
    this.#startNext();
  }

  /** @param {number} id */
  pause(id) {
    const item = this.#items.get(id);
    if (!item || !STOPPABLE.has(item.state)) return;
    const sending = this.#sendings.get(id);
    if (sending) this.#stopped.set(id, sending);
    this.#sendings.delete(id);
    sending?.stop();
    this.#change(item, { state: "paused", message: "", hint: "" });
    this.#startNext();
  }

  /** @param {number} id a paused or failed one: it goes on where the server stands */
  resume(id) {
    const item = this.#items.get(id);
    if (!item || !STARTABLE.has(item.state)) return;
    this.#change(item, { state: "waiting", message: "", hint: "" });
    this.#startNext();
  }

  pauseAll() {
    // Those that wait first, or each pause would start the next of them.
    const waiting = this.items.filter((item) => item.state === "waiting");
    for (const item of [...waiting, ...this.items]) this.pause(item.id);
  }

  resumeAll() {
    for (const item of this.items) if (item.state === "paused") this.resume(item.id);
  }

  /**
   * Forget an upload, here and on the server. What a finished one became stays.
   * @param {number} id
   */
  async discard(id) {
    const item = this.#items.get(id);
    if (!item) return;
    const sending = this.#sendings.get(id) ?? this.#stopped.get(id);
    for (const map of [this.#items, this.#dropped, this.#sendings, this.#stopped]) map.delete(id);
    sending?.stop();
    this.#onChange(item);
    this.#startNext();
    if (item.state !== "done") await sending?.discard();
  }

  /** @returns {Totals} */
  totals() {
    const items = this.items;
    const live = items.filter((item) => item.state !== "failed");
    return {
      files: items.length,
      done: items.filter((item) => item.state === "done").length,
      failed: items.length - live.length,
      running: items.filter((item) => STOPPABLE.has(item.state)).length,
      paused: items.filter((item) => item.state === "paused").length,
      sent: live.reduce((sum, item) => sum + (item.state === "reading" ? 0 : item.sent), 0),
      size: live.reduce((sum, item) => sum + item.size, 0),
    };
  }

  #startNext() {
    for (const item of this.#items.values()) {
      const running = this.items.filter(({ state }) => RUNNING.has(state)).length;
      if (running >= this.#atOnce) return;
      if (item.state === "waiting") this.#start(item);
    }
  }

  /** @param {Item} item */
  #start(item) {
    this.#change(item, { state: "sending", sent: 0 });
    this.#stopped.delete(item.id);
    this.#sendings.set(item.id, this.#open(item));
  }

  /** @param {Item} item */
  #open(item) {
    const dropped = /** @type {Dropped} */ (this.#dropped.get(item.id));
    /** @type {Sending | undefined} */ let sending;
    /**
     * What a stopped sending still says is of no interest.
     * @param {Partial<Item>} changes
     */
    const tell = (changes) => {
      if (sending !== undefined && this.#sendings.get(item.id) !== sending) return;
      const ended = changes.state === "checking" || changes.state === "failed" || changes.state === "done";
      this.#change(item, changes);
      if (ended) this.#startNext();
    };
    sending = this.#transport(dropped, {
      onRead: (sent) => tell({ state: "reading", sent }),
      onSize: (size) => tell({ state: "sending", sent: 0, size }),
      onSent: (sent) => tell({ state: "sending", sent, message: "", hint: "" }),
      onRetry: (message) => tell({ state: "retrying", message }),
      onReceived: () => tell({ state: "checking", sent: item.size, message: "", hint: "" }),
      onDone: (result) => tell({ state: "done", result }),
      onFailed: (message, hint) => tell({ state: "failed", message, hint }),
    });
    return sending;
  }

  /**
   * @param {Item} item
   * @param {Partial<Item>} changes
   */
  #change(item, changes) {
    Object.assign(item, changes);
    this.#onChange(item);
  }
}
