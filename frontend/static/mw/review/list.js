/** The list of samples: choosing many, one act on all of them, taking it back. */
import { ApiError, request } from "../lib/api.js";
import { gettext, interpolate, ngettext } from "../lib/text.js";
import { showToast } from "../toast/toast.js";

const bar = /** @type {HTMLFormElement} */ (document.getElementById("bulk"));
/** Absent when the list is empty, as after an act on all of it. */
const all = /** @type {HTMLInputElement | null} */ (document.getElementById("all"));
/** Where a toast waits that must outlive the reload that shows the result. */
const KEPT = "mw.review-act";

/** @returns {HTMLInputElement[]} */
function boxes() {
  return [...document.querySelectorAll("#rows input[name=sample]")].map((box) => /** @type {HTMLInputElement} */ (box));
}

/** @returns {number[]} */
function chosen() {
  return boxes().filter((box) => box.checked).map((box) => Number(box.value));
}

function refresh() {
  const number = chosen().length;
  bar.hidden = number === 0;
  for (const box of boxes()) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  if (all) {
    all.checked = number > 0 && number === boxes().length;
    all.indeterminate = number > 0 && !all.checked;
  }
  const count = document.getElementById("chosen-count");
  if (count) count.textContent = interpolate(ngettext("%(n)s sample", "%(n)s samples", number), { n: number });
}

/** @param {string} id */
function value(id) {
  return /** @type {HTMLSelectElement | null} */ (document.getElementById(id))?.value ?? "";
}

/** @param {string} action */
async function act(action) {
  const reason = value("b-reason");
  if (action === "reject" && !reason) {
    document.getElementById("b-reason")?.focus();
    showToast({ text: gettext("A rejection needs a reason: choose one."), tone: "warn" });
    return;
  }
  const weight = action === "weigh" ? { weight: Number(value("b-weight")) } : {};
  const json = { action, samples: chosen(), reasons: action === "reject" ? [reason] : [], username: value("b-person"), ...weight };
  try {
    const done = await request(bar.dataset.batches ?? "", { method: "POST", json });
    sessionStorage.setItem(KEPT, JSON.stringify(done));
    globalThis.location.reload();
  } catch (error) {
    fail(error);
  }
}

/** @param {unknown} error */
function fail(error) {
  const said = error instanceof ApiError ? `${error.message} ${error.hint}` : gettext("That did not work.");
  showToast({ text: said.trim(), tone: "bad" });
}

/** Say after the reload what was done, and offer to take it back. */
function tell() {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (!kept) return;
  const { id, done, left_out: left, undoable } = JSON.parse(kept);
  let text = interpolate(ngettext("%(n)s sample changed.", "%(n)s samples changed.", done), { n: done });
  if (left.length) {
    const first = `${left[0].name}: ${left[0].reason}`;
    text += ` ${interpolate(gettext("%(n)s left out, the first: %(first)s"), { n: left.length, first })}`;
  }
  const undo = { label: gettext("Undo"), run: () => void takeBack(id) };
  showToast({ text, tone: left.length ? "warn" : "ok", action: undoable && done ? undo : undefined });
}

/** @param {number} id */
async function takeBack(id) {
  try {
    await request((bar?.dataset.undo ?? "").replace(/0\/undo$/, `${id}/undo`), { method: "POST" });
    globalThis.location.reload();
  } catch (error) {
    fail(error);
  }
}

document.getElementById("rows")?.addEventListener("change", (event) => {
  if (all && event.target === all) for (const box of boxes()) box.checked = all.checked;
  refresh();
});
bar.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-act]") : null;
  if (button instanceof HTMLElement) void act(button.dataset.act ?? "");
});
// The weight is the only field that Enter sends.
bar.addEventListener("submit", (event) => {
  event.preventDefault();
  void act("weigh");
});
refresh();
tell();
