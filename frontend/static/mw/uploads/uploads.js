/**
 * <mw-uploader endpoint="/api/projects/p/uploads/"></mw-uploader>
 * <mw-uploader endpoint="..." purpose="mask" video="7" label="Attach a mask"></mw-uploader>
 * Files and folders dropped anywhere on the page, or chosen, are sent to the endpoint. The event
 * "mw-choose" opens the file dialog. A stored file fires "mw-uploaded", which bubbles, with detail
 * {name, kind, id} of what it became.
 */
import { element, icon } from "../lib/build.js";
import { gettext, interpolate, ngettext } from "../lib/text.js";
import { showToast } from "../toast/toast.js";
import { filesBelow, filesChosen, sortDropped } from "./dropped_files.js";
import { interruptedUploads, tusTransport } from "./tus_transport.js";
import { UploadQueue } from "./upload_queue.js";
import { UploadRow } from "./upload_row.js";
import { bytesWords, leftOutWords, shareWords, totalWords } from "./upload_words.js";

/** @typedef {import("./dropped_files.js").FoundFile} FoundFile */
/** @typedef {import("./tus_transport.js").Interrupted} Interrupted */
/** @typedef {import("./upload_queue.js").Item} Item */

const ANNOUNCE_MS = 1000;
const LINGER_MS = 4000;

class Uploader extends HTMLElement {
  /** @type {UploadQueue | null} */ #queue = null;
  /** @type {Map<number, UploadRow>} */ #rows = new Map();
  /** @type {AbortController | null} */ #listening = null;
  #files = element("input", { type: "file", multiple: true, hidden: true });
  #folder = element("input", { type: "file", webkitdirectory: true, hidden: true });
  #zone = element("div", { class: "upload-zone" });
  #panel = element("section", { class: "panel uploads", "aria-label": gettext("Uploads"), hidden: true });
  #list = element("ul", { class: "upload-list" });
  #totals = element("span", { class: "t12 t3" });
  #pauseAll = element("button", { class: "btn s", type: "button" });
  #status = element("p", { class: "sr", role: "status" });
  #announcing = 0;

  connectedCallback() {
    if (!this.#queue) this.#build();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.#files.addEventListener("change", () => this.#take(filesChosen(this.#files.files ?? []), this.#files), { signal });
    this.#folder.addEventListener("change", () => this.#take(filesChosen(this.#folder.files ?? []), this.#folder), { signal });
    this.#pauseAll.addEventListener("click", () => this.#togglePause(), { signal });
    this.addEventListener("mw-choose", () => this.#files.click(), { signal });
    this.#listenForDrops(signal);
    void this.#showInterrupted();
  }

  disconnectedCallback() {
    this.#listening?.abort();
    // A page that is swapped in part may only move the element.
    queueMicrotask(() => {
      if (!this.isConnected) this.#queue?.pauseAll();
    });
  }

  #build() {
    const endpoint = this.getAttribute("endpoint") ?? "";
    const video = this.getAttribute("video");
    const asset = this.getAttribute("asset");
    /** @type {Record<string, string>} */ const purpose = { kind: this.getAttribute("purpose") ?? "library", ...(video && { video }), ...(asset && { asset }) };
    this.#queue = new UploadQueue(tusTransport(endpoint, purpose), { onChange: (item) => this.#show(item) });
    const files = element("button", { class: "btn", type: "button" }, icon("upload"), gettext("Choose files"));
    files.addEventListener("click", () => this.#files.click());
    const folder = element("button", { class: "btn quiet", type: "button" }, gettext("Choose a folder"));
    folder.addEventListener("click", () => this.#folder.click());
    const words = this.getAttribute("label") ?? gettext("Drop videos, folders of numbered pictures or zips here");
    this.#zone.append(element("span", { class: "t2" }, words), files, folder);
    const head = element(
      "div",
      { class: "panel-h ruled" },
      element("h2", {}, gettext("Uploads")),
      this.#totals,
      element("span", { class: "grow" }),
      element("span", { class: "t12 t3" }, gettext("Closing the laptop is safe: uploads resume where they stopped.")),
      this.#pauseAll,
    );
    this.#panel.append(head, this.#list);
    this.append(this.#zone, this.#panel, this.#files, this.#folder, this.#status);
  }

  /** @param {AbortSignal} signal */
  #listenForDrops(signal) {
    const mark = (/** @type {boolean} */ over) => this.#zone.classList.toggle("over", over);
    const onDragOver = (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      mark(true);
    };
    const onDragLeave = (/** @type {DragEvent} */ event) => {
      if (!event.relatedTarget) mark(false);
    };
    const onDrop = (/** @type {DragEvent} */ event) => {
      mark(false);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      void this.#drop(event.dataTransfer);
    };
    document.addEventListener("dragover", onDragOver, { signal });
    document.addEventListener("dragleave", onDragLeave, { signal });
    document.addEventListener("drop", onDrop, { signal });
  }

  /** @param {DataTransfer} data */
  async #drop(data) {
    // Taken before the first await: the browser empties the transfer when the event is over.
    const entries = Array.from(data.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    const files = Array.from(data.files);
    try {
      this.#take(entries.length ? await filesBelow(entries) : filesChosen(files));
    } catch {
      showToast({ text: gettext("What was dropped cannot be read."), tone: "bad" });
    }
  }

  /**
   * @param {FoundFile[]} found
   * @param {HTMLInputElement} [input] emptied, so that the same file can be chosen again
   */
  #take(found, input) {
    const { uploads, leftOut } = sortDropped(found);
    if (input) input.value = "";
    if (leftOut.length) showToast({ text: leftOutWords(leftOut), tone: "warn" });
    this.#forgetInterrupted(new Set(uploads.map((one) => uploadName(one))));
    this.#queue?.add(uploads);
  }

  /** @param {Item} item */
  #show(item) {
    const queue = this.#queue;
    if (!queue) return;
    let row = this.#rows.get(item.id);
    if (!queue.items.includes(item)) {
      row?.root.remove();
      this.#rows.delete(item.id);
    } else if (row) {
      row.show(item, performance.now());
    } else {
      row = new UploadRow(item, {
        pause: () => queue.pause(item.id),
        resume: () => queue.resume(item.id),
        discard: () => void this.#discard(item),
      });
      this.#rows.set(item.id, row);
      this.#list.append(row.root);
    }
    if (item.state === "done" && queue.items.includes(item)) {
      this.dispatchEvent(new CustomEvent("mw-uploaded", { bubbles: true, detail: { name: item.name, ...item.result } }));
      this.#leaveLater(item);
    }
    this.#showTotals();
  }

  /**
   * What is stored has its place elsewhere now; its line goes, but not from under the pointer.
   * @param {Item} item
   */
  #leaveLater(item) {
    setTimeout(() => {
      if (this.#list.matches(":hover, :focus-within")) this.#leaveLater(item);
      else void this.#queue?.discard(item.id);
    }, LINGER_MS);
  }

  /** @param {Item} item */
  async #discard(item) {
    const next = this.#rows.get(item.id)?.root.nextElementSibling ?? this.#zone;
    const leaving = this.#queue?.discard(item.id);
    next.querySelector("button")?.focus();
    await leaving?.catch(() => {
      showToast({ text: interpolate(gettext("The server keeps %(name)s until it expires."), { name: item.name }), tone: "warn" });
    });
  }

  #showTotals() {
    const totals = this.#queue?.totals();
    if (!totals) return;
    this.#panel.hidden = !this.#list.children.length;
    this.#totals.textContent = totals.files ? totalWords(totals) : "";
    const resume = !totals.running && totals.paused > 0;
    this.#pauseAll.hidden = !totals.running && !totals.paused;
    const words = resume ? gettext("Resume all") : gettext("Pause all");
    if (this.#pauseAll.textContent !== words) this.#pauseAll.replaceChildren(icon(resume ? "play" : "pause"), words);
    this.#announce(totals.done, totals.files, totals.failed);
  }

  #togglePause() {
    const totals = this.#queue?.totals();
    if (totals?.running) this.#queue?.pauseAll();
    else this.#queue?.resumeAll();
  }

  /**
   * At most once a second, or a screen reader never ends.
   * @param {number} done
   * @param {number} files
   * @param {number} failed
   */
  #announce(done, files, failed) {
    if (!files || this.#announcing) return;
    this.#announcing = window.setTimeout(() => {
      this.#announcing = 0;
      const words = [interpolate(gettext("%(done)s of %(files)s files are stored"), { done, files })];
      if (failed) words.push(interpolate(ngettext("%(n)s failed", "%(n)s failed", failed), { n: failed }));
      if (this.#status.textContent !== words.join(", ")) this.#status.textContent = words.join(", ");
    }, ANNOUNCE_MS);
  }

  async #showInterrupted() {
    const interrupted = await interruptedUploads(this.getAttribute("endpoint") ?? "").catch(() => []);
    for (const one of interrupted) this.#list.append(this.#interruptedRow(one));
    this.#showTotals();
  }

  /** @param {Interrupted} one */
  #interruptedRow(one) {
    const choose = element("button", { class: "btn s", type: "button" }, gettext("Choose it again"));
    choose.addEventListener("click", () => (one.name.endsWith(".zip") ? this.#folder : this.#files).click());
    const discard = element("button", { class: "btn s quiet", type: "button" }, gettext("Discard"));
    const at = interpolate(gettext("Stopped at %(share)s. Drop the same file again to go on."), {
      share: shareWords({ sent: one.offset, size: one.size }),
    });
    const row = element(
      "li",
      { class: "upload sentence", "data-interrupted": one.name },
      element("span", { class: "mark warn" }, icon("clock")),
      element("b", { class: "clip" }, one.name),
      element("span", { class: "t3" }, bytesWords(one.size)),
      element("span", { class: "words" }, at),
      element("span", { class: "row gap-1" }, choose, discard),
    );
    discard.addEventListener("click", () => {
      row.remove();
      this.#showTotals();
      void one.discard().catch(() => {});
    });
    return row;
  }

  /** @param {Set<string>} names of what goes on now */
  #forgetInterrupted(names) {
    for (const row of this.#list.querySelectorAll("[data-interrupted]")) {
      if (names.has(row.getAttribute("data-interrupted") ?? "")) row.remove();
    }
  }
}

/** @param {import("./dropped_files.js").Dropped} dropped */
function uploadName(dropped) {
  const name = dropped.path.split("/").at(-1) ?? dropped.path;
  return dropped.kind === "folder" ? `${name}.zip` : name;
}

customElements.define("mw-uploader", Uploader);
