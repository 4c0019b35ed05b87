/**
 * Keeps a JobList true: a socket says what changed, a snapshot says what is. The socket is only a
 * hint. After every hello the snapshot is read anew from the last number known, so nothing that
 * happened in between is missed, and where no socket comes through the snapshot is read every two
 * seconds instead.
 */
import { JobList } from "./job_list.js";

/** @typedef {import("./job_list.js").Job} Job */
/** @typedef {import("./job_list.js").Snapshot} Snapshot */
/** @typedef {{seq: number, kind: "hello"} | {seq: number, kind: "job", job: Job}} Message */

/**
 * @typedef {object} World what the feed needs of the browser
 * @property {(url: string) => Promise<Snapshot>} read
 * @property {() => WebSocketLike} connect opens the socket
 * @property {(run: () => void, milliseconds: number) => unknown} later
 * @property {(handle: unknown) => void} never cancels what was to come later
 */

/**
 * @typedef {object} WebSocketLike
 * @property {((event: {data: string}) => void) | null} onmessage
 * @property {(() => void) | null} onclose
 * @property {() => void} close
 */

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const POLL_MS = 2000;

/** Fires "change" after the list changed, and when the connection came or went. */
export class JobFeed extends EventTarget {
  list = new JobList();
  /** How many of the jobs that have ended a whole snapshot holds. */
  ended = 20;
  /** Whether what is shown follows what happens. */
  live = false;
  /** @type {Omit<Snapshot, "seq" | "jobs"> | null} */ place = null;
  #url;
  #world;
  #retry = FIRST_RETRY_MS;
  #stopped = false;
  /** @type {WebSocketLike | null} */ #socket = null;
  /** @type {unknown} */ #timer = null;
  #reading = false;

  /**
   * @param {string} url of the snapshot
   * @param {World} world
   */
  constructor(url, world) {
    super();
    this.#url = url;
    this.#world = world;
  }

  /** Begin; a feed that was stopped cannot begin again. */
  start() {
    this.#open();
  }

  stop() {
    this.#stopped = true;
    this.#socket?.close();
    this.#world.never(this.#timer);
  }

  /**
   * Take in what the page already brought along.
   * @param {Snapshot} snapshot
   */
  seed(snapshot) {
    this.#takeIn(snapshot, this.list.seq === 0);
  }

  /** Take in one job that an answer of the API told. @param {Job} job */
  tell(job) {
    if (this.list.apply(job)) this.#changed();
  }

  /** Read the snapshot now. */
  async refresh() {
    if (this.#reading || this.#stopped) return;
    this.#reading = true;
    const whole = this.list.seq === 0;
    try {
      this.#takeIn(await this.#world.read(`${this.#url}?${whole ? `ended=${this.ended}` : `since=${this.list.seq}`}`), whole);
    } catch {
      this.#setLive(false);
    } finally {
      this.#reading = false;
    }
  }

  #open() {
    if (this.#stopped) return;
    let greeted = false;
    const socket = this.#world.connect();
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      /** @type {Message} */
      const message = JSON.parse(data);
      if (message.kind === "hello") {
        greeted = true;
        // The server knows less than we do: its database was restored from a backup.
        if (message.seq < this.list.seq) this.list = new JobList();
        void this.refresh();
      } else if (this.list.apply(message.job)) {
        this.#changed();
      }
    };
    socket.onclose = () => void this.#reopen(greeted);
  }

  /** @param {boolean} greeted whether the socket that closed had come through */
  async #reopen(greeted) {
    if (this.#stopped) return;
    if (greeted) {
      this.#setLive(false);
      this.#retry = FIRST_RETRY_MS;
    } else {
      await this.refresh();
      this.#retry = this.live ? POLL_MS : Math.min(this.#retry * 2, LONGEST_RETRY_MS);
    }
    this.#timer = this.#world.later(() => this.#open(), this.#retry);
  }

  /**
   * @param {Snapshot} snapshot
   * @param {boolean} whole
   */
  #takeIn(snapshot, whole) {
    // An answer with a lower number than we know is from a restored database: it is all there is.
    this.list.merge(snapshot, { whole: whole || snapshot.seq < this.list.seq });
    const { slots, disk_free, disk_total, disk_reserve } = snapshot;
    this.place = { slots, disk_free, disk_total, disk_reserve };
    this.live = true;
    this.#changed();
  }

  /** @param {boolean} live */
  #setLive(live) {
    if (this.live === live) return;
    this.live = live;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
