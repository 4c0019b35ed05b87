/** The Library: what is selected, arrows in the grid, a clean address, and news of what arrived. */
import { keyboard } from "../keyboard/keyboard.js";
import { count, gettext, interpolate, ngettext } from "../lib/text.js";
import { stepInGrid } from "./grid_steps.js";

const GRID_KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

/** @returns {HTMLInputElement[]} */
function selected() {
  return Array.from(document.querySelectorAll('#grid input[name="selected"]:checked'), (box) => /** @type {HTMLInputElement} */ (box));
}

function countSelected() {
  const bar = document.getElementById("selection");
  if (!bar) return;
  const boxes = selected();
  bar.hidden = boxes.length === 0;
  const frames = boxes.reduce((sum, box) => sum + Number(box.closest(".card")?.getAttribute("data-frames")), 0);
  const words = document.getElementById("selected-count");
  const frameWords = document.getElementById("selected-frames");
  if (words) words.textContent = interpolate(ngettext("%(n)s selected", "%(n)s selected", boxes.length), { n: count(boxes.length) });
  if (frameWords) frameWords.textContent = interpolate(ngettext("%(n)s frame", "%(n)s frames", frames), { n: count(frames) });
}

/** The grid is one tab stop: the card that had the focus last, or the first. */
function oneTabStop(links = cardLinks()) {
  const current = links.find((link) => link === document.activeElement) ?? links[0];
  for (const link of links) link.tabIndex = link === current ? 0 : -1;
}

/** @returns {HTMLAnchorElement[]} */
function cardLinks() {
  return Array.from(document.querySelectorAll("#grid .card .name > a"), (link) => /** @type {HTMLAnchorElement} */ (link));
}

/** @param {KeyboardEvent} event */
function onGridKey(event) {
  const { target } = event;
  if (!(target instanceof HTMLAnchorElement) || !target.closest("#grid .card")) return;
  const box = /** @type {HTMLInputElement | null} */ (target.closest(".card")?.querySelector('input[name="selected"]'));
  if (event.key === " " && box) {
    event.preventDefault();
    box.click();
    return;
  }
  if (!GRID_KEYS.includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const links = cardLinks();
  const tops = links.map((link) => link.closest(".card")?.getBoundingClientRect().top ?? 0);
  const columns = tops.filter((top) => top === tops[0]).length;
  const next = links[stepInGrid(links.indexOf(target), event.key, columns, links.length)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  oneTabStop(links);
}

function chooseFiles() {
  document.querySelector("mw-uploader")?.dispatchEvent(new CustomEvent("mw-choose"));
}

/**
 * The panel asks the server again; a grid that grew is fetched with it. What was just sent arrives from
 * now on: a short clip may be there before the panel's first answer, which then knows of nothing.
 */
function somethingArrived() {
  arriving += 1;
  document.body.dispatchEvent(new CustomEvent("mw-incoming"));
}

let arriving = Number(document.getElementById("incoming")?.dataset.arriving);

/** @param {Event} event */
function onSwap(event) {
  countSelected();
  oneTabStop();
  const swapped = event.target;
  if (!(swapped instanceof Element) || swapped.id !== "incoming") return;
  const now = Number(document.getElementById("incoming")?.dataset.arriving);
  // Not while somebody has selected cards: a new grid would forget the selection.
  if (now < arriving && !selected().length) document.getElementById("filter")?.dispatchEvent(new Event("change"));
  arriving = now;
}

/**
 * An address that somebody may send on says only what is chosen.
 * @param {Event} event
 */
function leaveOutEmpty(event) {
  if (!(event.target instanceof Element) || event.target.id !== "filter") return;
  const { parameters } = /** @type {CustomEvent} */ (event).detail;
  if (!parameters.q) delete parameters.q;
  if (parameters.sort === "new") delete parameters.sort;
  const states = Array.from(document.querySelectorAll('#filter input[name="state"]:checked'), (box) => /** @type {HTMLInputElement} */ (box).value);
  if (states.length === 1 && states[0] === "ready") delete parameters.state;
}

document.addEventListener("change", countSelected);
document.addEventListener("reset", () => setTimeout(countSelected));
document.addEventListener("keydown", onGridKey);
document.addEventListener("focusin", (event) => {
  if (event.target instanceof Element && event.target.closest("#grid .card")) oneTabStop();
});
document.addEventListener("htmx:afterSwap", onSwap);
document.addEventListener("htmx:configRequest", leaveOutEmpty);
document.addEventListener("mw-uploaded", somethingArrived);
oneTabStop();
// Beside the grid the filters are always open; above it they would push it off a small screen.
const filters = /** @type {HTMLDetailsElement | null} */ (document.getElementById("filters"));
if (filters && matchMedia("(width < 1100px)").matches) filters.open = false;
keyboard.add([
  {
    id: "library.choose",
    label: gettext("Upload"),
    keys: ["u"],
    group: gettext("Library"),
    when: () => document.querySelector("mw-uploader") !== null,
    run: chooseFiles,
  },
  {
    id: "library.search",
    label: gettext("Search"),
    keys: ["/"],
    group: gettext("Library"),
    when: () => document.getElementById("f-q") !== null,
    run: () => document.getElementById("f-q")?.focus(),
  },
  {
    id: "library.selectNothing",
    label: gettext("Select nothing"),
    keys: ["Escape"],
    group: gettext("Library"),
    when: () => selected().length > 0,
    run: () => /** @type {HTMLFormElement | null} */ (document.getElementById("grid"))?.reset(),
  },
]);
