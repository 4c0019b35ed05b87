import assert from "node:assert/strict";
import test from "node:test";

import { filesBelow, filesChosen, sortDropped } from "./dropped_files.js";

/** @param {...string} paths */
function found(...paths) {
  return paths.map((path) => ({ path, file: new File([path], path.split("/").at(-1) ?? "") }));
}

/** @param {ReturnType<typeof sortDropped>} sorted */
function told({ uploads, leftOut }) {
  const names = uploads.map((one) => (one.kind === "file" ? one.path : `${one.path}/ ${one.files.map((f) => f.path)}`));
  return [names, leftOut.map((one) => one.path)];
}

test("files are uploads of their own, wherever they lie", () => {
  assert.deepEqual(told(sortDropped(found("b.mp4", "shoot/a.MOV", "still.png", "layout.zip"))), [
    ["b.mp4", "layout.zip", "shoot/a.MOV", "still.png"],
    [],
  ]);
});

test("a folder of pictures is one upload, with its pictures by name", () => {
  const sorted = sortDropped(found("kite/00002.png", "kite/00001.png", "kite/audio.wav", "kite/take.mp4"));
  assert.deepEqual(told(sorted), [["kite/ 00001.png,00002.png", "kite/take.mp4"], ["kite/audio.wav"]]);
});

test("each folder of pictures is its own upload, and a single picture stays a still", () => {
  const sorted = sortDropped(found("set/a/1.jpg", "set/a/2.jpg", "set/b/1.jpg", "set/b/2.jpg", "set/cover.jpg"));
  assert.deepEqual(told(sorted)[0], ["set/a/ 1.jpg,2.jpg", "set/b/ 1.jpg,2.jpg", "set/cover.jpg"]);
});

test("what operating systems leave in folders is not even mentioned", () => {
  const clutter = found(".DS_Store", "a/.DS_Store", "__MACOSX/a/._1.png", "a/Thumbs.db", "a/.hidden/1.png");
  assert.deepEqual(told(sortDropped(clutter)), [[], []]);
});

test("what cannot be used is named", () => {
  assert.deepEqual(told(sortDropped(found("notes.txt", "a/model.blend"))), [[], ["notes.txt", "a/model.blend"]]);
});

test("folders are read to the end, which browsers give in portions", async () => {
  /** @param {string} fullPath */
  const file = (fullPath) => ({ isFile: true, fullPath, file: (/** @type {any} */ done) => done(new File([], "x")) });
  /**
   * @param {string} fullPath
   * @param {any[][]} portions
   */
  const folder = (fullPath, portions) => ({
    isFile: false,
    fullPath,
    createReader: () => ({ readEntries: (/** @type {any} */ done) => done(portions.shift() ?? []) }),
  });
  const inner = folder("/a/b", [[file("/a/b/3.png")]]);
  const entries = [folder("/a", [[file("/a/1.png")], [file("/a/2.png"), inner]]), file("/c.mp4")];
  const paths = (await filesBelow(/** @type {any} */ (entries))).map((one) => one.path);
  assert.deepEqual(paths, ["a/1.png", "a/2.png", "a/b/3.png", "c.mp4"]);
});

test("a chosen folder tells where its files lie", () => {
  const inside = new File([], "1.png");
  Object.defineProperty(inside, "webkitRelativePath", { value: "kite/1.png" });
  assert.deepEqual(
    filesChosen([inside, new File([], "a.mp4")]).map((one) => one.path),
    ["kite/1.png", "a.mp4"],
  );
});

test("a tree of videos, masks and a caption list is one upload, with the paths inside it", () => {
  const sorted = sortDropped(found("paste/videos/a.mp4", "paste/masks/a.mp4", "paste/caption.json", "paste/notes.pdf", "b.mp4"));
  assert.deepEqual(told(sorted), [["b.mp4", "paste/ paste/caption.json,paste/masks/a.mp4,paste/videos/a.mp4"], []]);
});

test("a training tree is one upload, in either variant", () => {
  assert.deepEqual(told(sortDropped(found("t/kubric/1/rgb_full.mp4", "t/kubric/1/mask.mp4", "t/kubric.json")))[0], [
    "t/ t/kubric.json,t/kubric/1/mask.mp4,t/kubric/1/rgb_full.mp4",
  ]);
  assert.equal(sortDropped(found("t/k/1/input/0.png", "t/k/1/trimask/0.png", "t/k/1/bg/0.png")).uploads.length, 1);
});

test("two folders called videos and stills are no tree", () => {
  assert.deepEqual(told(sortDropped(found("shoot/videos/a.mp4", "shoot/b.mp4")))[0], ["shoot/b.mp4", "shoot/videos/a.mp4"]);
});
