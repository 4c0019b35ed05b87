/**
 * The draft of a bundle. While a slider moves, the other shares make room here and the live figures
 * come from the outlook of the API; when it is let go, htmx fetches the whole draft anew.
 */
import { ApiError, request } from "../lib/api.js";
import { count, gettext, interpolate } from "../lib/text.js";
import { evenOut, naturalShares, rebalance } from "./shares.js";

/** @typedef {import("./shares.js").Share} Share */
/** @typedef {{category: string, rows: number, share: number, repeats: number}} Line */

const ASK_EVERY_MS = 120;

const form = document.querySelector("#draft-form");
if (form instanceof HTMLFormElement) start(form);

/** @param {HTMLFormElement} form */
function start(form) {
  const ask = asker(form);
  form.addEventListener("input", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || !input.closest(".bu-slide") || input.type === "checkbox") return;
    const row = input.closest("tr");
    if (!row) return;
    write(form, rebalance(read(form), row.dataset.category ?? "", input.valueAsNumber), input);
    ask();
  });
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-shares]") : null;
    if (!button) return;
    const shares = read(form);
    write(form, button.getAttribute("data-shares") === "even" ? evenOut(shares) : naturalShares(shares, naturals(form)));
    form.dispatchEvent(new Event("mw-changed"));
  });
  document.addEventListener("htmx:afterSwap", () => {
    drawHatching(form);
    announce(form);
  });
  drawHatching(form);
}

/** @param {HTMLFormElement} form */
function rowsOf(form) {
  return [.../** @type {NodeListOf<HTMLTableRowElement>} */ (form.querySelectorAll("tr[data-category]"))];
}

/**
 * @param {HTMLFormElement} form
 * @returns {Share[]}
 */
function read(form) {
  return rowsOf(form).map((row) => ({
    category: row.dataset.category ?? "",
    value: Number(row.dataset.value ?? input(row, '[type="number"]')?.value),
    locked: input(row, '[name="lock"]')?.checked ?? false,
  }));
}

/**
 * @param {HTMLFormElement} form
 * @param {Share[]} shares
 * @param {HTMLInputElement} [typing] the field under the person's hand: its text is left alone
 */
function write(form, shares, typing) {
  const value = new Map(shares.map((share) => [share.category, share.value]));
  for (const row of rowsOf(form)) {
    const share = String(value.get(row.dataset.category ?? "") ?? "");
    row.dataset.value = share;
    for (const field of [input(row, '[type="number"]'), input(row, '[type="range"]')]) {
      if (field && !(field === typing && field.type === "number")) field.value = share;
    }
  }
}

/**
 * @param {HTMLElement} row
 * @param {string} selector
 * @returns {HTMLInputElement | null}
 */
function input(row, selector) {
  return row.querySelector(`input${selector}`);
}

/** @param {HTMLFormElement} form */
function naturals(form) {
  return Object.fromEntries(rowsOf(form).map((row) => [row.dataset.category ?? "", Number(row.dataset.natural)]));
}

/** Where hatching begins, as a part of the slider's scale. @param {HTMLFormElement} form */
function drawHatching(form) {
  for (const row of rowsOf(form)) {
    const track = row.querySelector(".bu-track");
    const slider = input(row, '[type="range"]');
    if (!(track instanceof HTMLElement) || !slider) continue;
    const part = Math.min(100, (100 * Number(row.dataset.natural)) / Number(slider.max));
    track.style.setProperty("--natural", `${part}%`);
  }
}

/**
 * Return a function that asks for the outlook at most every so often, and always for the last state.
 * @param {HTMLFormElement} form
 */
function asker(form) {
  /** @type {AbortController | null} */
  let asking = null;
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      asking?.abort();
      asking = new AbortController();
      const { signal } = asking;
      try {
        show(form, await request(form.dataset.outlook ?? "", { method: "POST", json: choice(form), signal }));
      } catch (error) {
        if (!signal.aborted && !(error instanceof ApiError)) throw error;
      }
    }, ASK_EVERY_MS);
  };
}

/** What the form chooses, as the API takes it. @param {HTMLFormElement} form */
function choice(form) {
  const data = new FormData(form);
  return {
    samples: {
      runs: data.getAll("run").map(Number),
      categories: data.getAll("category"),
      least_frames: Number(data.get("least_frames") || 0),
    },
    most_rows: Number(data.get("most_rows") || 0),
    shares: Object.fromEntries(read(form).map((share) => [share.category, String(share.value)])),
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {{total: number, categories: Line[]}} outlook
 */
function show(form, outlook) {
  for (const line of outlook.categories) {
    const row = rowsOf(form).find((one) => one.dataset.category === line.category);
    if (!row) continue;
    cell(row, "rows", count(line.rows));
    cell(row, "share", `${line.share.toFixed(1)} %`);
    cell(row, "repeats", `${count(line.repeats)} ×`);
    const many = interpolate(gettext("each shown %(n)s times"), { n: count(line.repeats) });
    cell(row, "note", line.repeats > 1 ? many : "");
  }
  cell(form, "total", count(outlook.total));
}

/**
 * @param {ParentNode} within
 * @param {string} name
 * @param {string} text
 */
function cell(within, name, text) {
  const found = within.querySelector(`[data-cell="${name}"]`);
  if (found && found.textContent?.trim() !== text) found.textContent = text;
}

/** Say the result once, when the hand is off. @param {HTMLFormElement} form */
function announce(form) {
  const status = form.querySelector("#draft-status");
  const total = form.querySelector('[data-cell="total"]')?.textContent?.trim();
  const why = form.querySelector("#why-not")?.textContent?.trim();
  if (!status || !total) return;
  const rows = interpolate(gettext("%(rows)s rows."), { rows: total });
  status.textContent = why ? `${rows} ${gettext("Freezing is blocked:")} ${why}` : rows;
}
