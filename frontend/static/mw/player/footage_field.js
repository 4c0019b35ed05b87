/** The field in which somebody types what is to lie behind the object. */
import { element } from "../lib/build.js";
import { gettext } from "../lib/text.js";

/** @typedef {import("./footage.js").Footage} Footage */
/** @typedef {import("./footage.js").Choice} Choice */

/** How long somebody has to pause while typing before names are asked for, in ms. */
const REST = 150;

let fields = 0;

/**
 * @param {Footage} footage
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function footageField(footage, signal) {
  const list = element("datalist", { id: `footage-${++fields}` });
  const input = element("input", { class: "in s footage", name: "behind", list: list.id, placeholder: gettext("name of a video or still"), autocomplete: "off" });
  /** @type {Choice[]} */ let offered = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  const offer = async (/** @type {string} */ words) => {
    offered = await footage.find(words).catch(() => []);
    list.replaceChildren(...offered.map(({ label }) => element("option", { value: label })));
  };
  const take = (/** @type {boolean} */ orFirst) => {
    const chosen = offered.find(({ label }) => label === input.value) ?? (orFirst ? offered[0] : undefined);
    if (!chosen) return;
    footage.choose(chosen);
    input.value = chosen.label;
    // Keys belong to the viewer again.
    input.blur();
  };
  input.addEventListener("focus", () => {
    input.select();
    void offer("");
  }, { signal });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (offered.some(({ label }) => label === input.value)) take(false);
    else timer = setTimeout(() => void offer(input.value), REST);
  }, { signal });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") void offer(input.value).then(() => take(true));
    if (event.key === "Escape") input.blur();
  }, { signal });
  return element("label", { class: "field inline" }, gettext("Behind"), input, list);
}
