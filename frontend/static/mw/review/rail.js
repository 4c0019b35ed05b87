/** The list of the queue: two verdicts, what this page holds, what comes next. */
import { element, icon } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";

/** @typedef {import("./queue.js").ReviewQueue} ReviewQueue */
/** @typedef {ReturnType<ReviewQueue["rows"]>[number]} Row */

const SAID = { accept: gettext("accepted"), reject: gettext("rejected"), skip: gettext("skipped") };

/**
 * @param {Row} row
 * @param {ReadonlyMap<string, string>} labels of the reasons
 */
export function rowWords({ item, outcome }, labels) {
  if (outcome) return [SAID[outcome.decision], ...outcome.reasons.map((reason) => labels.get(reason) ?? reason)].join(", ");
  if (item.finding) return item.finding;
  if (item.disputed) return gettext("disagreement");
  if (typeof item.score === "number") return gettext("no finding");
  return interpolate(gettext("%(frames)s frames"), { frames: item.frames });
}

/**
 * @param {Row} row
 * @param {{labels: ReadonlyMap<string, string>, decoded: ReadonlySet<number>}} known
 */
export function railRow(row, { labels, decoded }) {
  const { item, outcome, current } = row;
  const name = element("b", { class: "mono clip" }, item.name);
  const ahead = !outcome && !current && decoded.has(item.id);
  const words = element("span", { class: "t11 t3 clip" }, rowWords(row, labels));
  const box = element("span", { class: "queue-words" }, name, words);
  if (outcome) box.append(icon({ accept: "check", reject: "close", skip: "skip" }[outcome.decision]));
  else if (typeof item.score === "number") box.append(scoreBar(item.score));
  if (ahead) words.after(element("span", { class: "t11 t3 decoded" }, gettext("decoded")));
  const image = element("img", { src: item.poster, alt: "", loading: "lazy", width: 76, height: 45 });
  const attributes = { type: "button", "data-id": item.id, class: outcome ? `done ${outcome.decision}` : "", "aria-current": current && "true", disabled: Boolean(outcome) };
  return element("li", {}, element("button", attributes, image, box));
}

/** @param {number} score 0 good to 1 bad */
function scoreBar(score) {
  const text = score.toFixed(2);
  return element("span", { class: "score row" }, element("progress", { class: "prog plain", value: text, max: 1, "aria-label": gettext("worst finding") }), element("span", { class: "t11" }, text));
}
