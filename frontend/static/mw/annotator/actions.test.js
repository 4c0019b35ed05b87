import assert from "node:assert/strict";
import { test } from "node:test";
import { ActionTable } from "../keyboard/actions.js";
import { playerActions } from "../player/actions.js";
import { annotateActions } from "./actions.js";

test("no key of this page is one of the player's", () => {
  const table = new ActionTable();
  const any = /** @type {any} */ ({ session: { facts: { objects: [], undo: false, redo: false } }, tools: { tool: "click" } });
  table.add(playerActions(any));
  assert.doesNotThrow(() => table.add(annotateActions(any)));
});
