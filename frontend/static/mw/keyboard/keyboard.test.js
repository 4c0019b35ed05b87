import assert from "node:assert/strict";
import { test } from "node:test";

import { ActionTable } from "./actions.js";
import { keyLabel, nameOf } from "./keys.js";
import { grouped } from "./sheet.js";

/**
 * @param {string} id
 * @param {string[]} keys
 * @param {Partial<import("./actions.js").Action>} [more]
 */
function action(id, keys, more = {}) {
  return { id, label: id, keys, run: () => {}, ...more };
}

test("a key that two actions want throws and names both, and nothing was added", () => {
  const table = new ActionTable();
  table.add([action("review.accept", ["a"])]);
  assert.throws(() => table.add([action("view.first", ["f"]), action("view.flip", ["a"])]), /"a".*review\.accept.*view\.flip/);
  assert.deepEqual(table.list().map(({ id }) => id), ["review.accept"]);
});

test("a key twice inside one list throws too", () => {
  assert.throws(() => new ActionTable().add([action("x", ["k"]), action("y", ["k"])]), /"k"/);
});

test("an action runs by key and by id, but not when it cannot be done", () => {
  let runs = 0;
  let possible = true;
  const table = new ActionTable();
  table.add([action("x", ["Space"], { run: () => runs++, when: () => possible })]);
  assert.equal(table.press("Space"), true);
  assert.equal(table.run("x"), true);
  possible = false;
  assert.equal(table.press("Space"), false);
  assert.equal(runs, 2);
});

test("aborting takes the actions out and frees their keys", () => {
  const table = new ActionTable();
  const stop = new AbortController();
  table.add([action("x", ["k"])], { signal: stop.signal });
  stop.abort();
  assert.equal(table.press("k"), false);
  table.add([action("y", ["k"])]);
  assert.equal(table.press("k"), true);
});

test("with single characters off only named keys and the sheet's key work", () => {
  const table = new ActionTable();
  table.add([action("x", ["k", "Shift+L", "ArrowLeft"]), action("sheet", ["?"])]);
  table.characterKeys = false;
  assert.equal(table.press("k"), false);
  assert.equal(table.press("Shift+L"), false);
  assert.equal(table.press("ArrowLeft"), true);
  assert.equal(table.press("?"), true);
});

test("strokes get one name whatever caps lock and layout do", () => {
  assert.equal(nameOf({ key: "K" }), "k");
  assert.equal(nameOf({ key: "L", shiftKey: true }), "Shift+L");
  assert.equal(nameOf({ key: "?", shiftKey: true }), "?");
  assert.equal(nameOf({ key: " " }), "Space");
  assert.equal(nameOf({ key: "ArrowLeft", shiftKey: true }), "Shift+ArrowLeft");
  assert.equal(nameOf({ key: "ф", code: "KeyA" }), "a");
  assert.equal(nameOf({ key: "Shift", shiftKey: true }), "");
});

test("strokes with Ctrl, Alt or Meta belong to the browser", () => {
  assert.equal(nameOf({ key: "r", ctrlKey: true }), "");
  assert.equal(nameOf({ key: "a", metaKey: true }), "");
});

test("labels are drawn from the names", () => {
  assert.equal(keyLabel("Shift+Enter"), "⇧↵");
  assert.equal(keyLabel("a"), "A");
  assert.equal(keyLabel("+"), "+");
});

test("the sheet lists what has a key, by heading", () => {
  const groups = grouped([action("x", ["k"], { group: "Viewer" }), action("y", []), action("z", ["a"])]);
  assert.deepEqual([...groups.keys()], ["Viewer", "This page"]);
});

test("a verdict is given once however long its key is held", () => {
  const table = new ActionTable();
  let given = 0;
  table.add([{ id: "review.accept", label: "Accept", keys: ["a"], once: true, run: () => (given += 1) }]);
  assert.equal(table.press("a"), true);
  assert.equal(table.press("a", true), true);
  assert.equal(given, 1);
});
