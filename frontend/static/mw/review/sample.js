/** The page of one sample: comments beside the viewer, who has it, what its author can do. */
import { ApiError, request } from "../lib/api.js";
import { gettext } from "../lib/text.js";
import { keyboard } from "../keyboard/keyboard.js";
import { showToast } from "../toast/toast.js";
import { CommentPanel } from "./comments.js";

/** @param {unknown} error */
function fail(error) {
  const said = error instanceof ApiError ? `${error.message} ${error.hint}` : gettext("That did not work.");
  showToast({ text: said.trim(), tone: "bad" });
}

function startComments() {
  const root = document.getElementById("comments");
  const player = document.getElementById("player");
  const facts = JSON.parse(document.getElementById("sample-facts")?.textContent ?? "{}");
  if (!root || !player) return;
  const say = (/** @type {string} */ text) => showToast({ text });
  const panel = new CommentPanel(root, /** @type {import("./comments.js").Player} */ (player), { change: facts.comment, say, fail });
  if (root.querySelector("[data-action]")) {
    keyboard.add([{ id: "review.comment", label: gettext("Comment"), keys: ["c"], group: gettext("Sample"), run: () => panel.begin() }]);
  }
  void panel.open(facts);
}

function startPeople() {
  const people = document.getElementById("people");
  if (!people) return;
  for (const select of people.querySelectorAll("select[data-part]")) {
    select.addEventListener("change", async () => {
      const { value, dataset } = /** @type {HTMLSelectElement} */ (select);
      try {
        await request(people.dataset.assignment ?? "", { method: "PUT", json: { part: dataset.part, username: value } });
        showToast({ text: gettext("Assigned."), tone: "ok" });
      } catch (error) {
        fail(error);
      }
    });
  }
  for (const button of document.querySelectorAll("button[data-act]")) {
    button.addEventListener("click", async () => {
      const act = /** @type {HTMLElement} */ (button).dataset.act ?? "";
      try {
        await request(people.dataset[act] ?? "", { method: "POST" });
        globalThis.location.reload();
      } catch (error) {
        fail(error);
      }
    });
  }
}

startComments();
startPeople();
