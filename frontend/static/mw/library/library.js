/** The Library: what is selected, and telling the Incoming panel that something arrived. */
import { keyboard } from "../keyboard/keyboard.js";
import { gettext, ngettext } from "../lib/text.js";

function countSelected() {
  const bar = document.getElementById("selection");
  const count = document.querySelectorAll('#grid input[name="selected"]:checked').length;
  if (!bar) return;
  bar.hidden = count === 0;
  const words = document.getElementById("selected-count");
  if (words) words.textContent = `${count} ${ngettext("selected", "selected", count)}`;
}

function chooseFiles() {
  document.querySelector("mw-uploader")?.dispatchEvent(new CustomEvent("mw-choose"));
}

/** The panel asks the server again; a grid that grew is fetched with it. */
function somethingArrived() {
  document.body.dispatchEvent(new CustomEvent("mw-incoming"));
}

document.addEventListener("change", countSelected);
document.addEventListener("reset", () => setTimeout(countSelected));
document.addEventListener("htmx:afterSwap", (event) => {
  countSelected();
  const swapped = event.target;
  if (swapped instanceof Element && swapped.id === "incoming" && document.querySelector("#incoming[data-still]")) {
    document.getElementById("filter")?.dispatchEvent(new Event("change"));
  }
});
document.addEventListener("mw-uploaded", somethingArrived);
keyboard.add([
  {
    id: "library.choose",
    label: gettext("Upload"),
    keys: ["u"],
    group: gettext("Library"),
    when: () => document.querySelector("mw-uploader") !== null,
    run: chooseFiles,
  },
]);
