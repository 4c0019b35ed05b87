/**
 * What people drop, sorted into uploads: a file is one upload, a folder of pictures becomes one
 * archive (and on the server one video), a whole tree of a known layout becomes one archive too
 * (there an import), and what cannot be used is named.
 */

/** @typedef {{path: string, file: File}} FoundFile a file with its path below what was dropped */
/** @typedef {{kind: "file", path: string, file: File}} SingleFile */
/** @typedef {{kind: "folder", path: string, files: FoundFile[]}} PictureFolder paths inside are names without folders */
/** @typedef {SingleFile | PictureFolder} Dropped */
/** @typedef {{uploads: Dropped[], leftOut: FoundFile[]}} Sorted */

const PICTURE = /\.(png|jpe?g|webp|tiff?|bmp)$/i;
const FOOTAGE = /\.(mp4|mov|m4v|mkv|webm|avi|zip)$/i;
const LIST = /\.json$/i;
const CLUTTER = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/i;

/**
 * @param {readonly FoundFile[]} found
 * @returns {Sorted}
 */
export function sortDropped(found) {
  /** @type {Dropped[]} */ const uploads = [];
  /** @type {FoundFile[]} */ const leftOut = [];
  /** @type {Map<string, FoundFile[]>} */ const pictures = new Map();
  const shown = found.filter((one) => !CLUTTER.test(one.path));
  const trees = treesIn(shown);
  for (const [root, files] of trees) uploads.push(treeUpload(root, files));
  for (const one of shown) {
    if (trees.has(rootOf(one.path))) continue;
    const folder = folderOf(one.path);
    if (PICTURE.test(one.path) && folder) pictures.set(folder, [...(pictures.get(folder) ?? []), one]);
    else if (PICTURE.test(one.path) || FOOTAGE.test(one.path)) uploads.push({ kind: "file", ...one });
    else leftOut.push(one);
  }
  for (const [folder, files] of pictures) uploads.push(folderUpload(folder, files));
  uploads.sort((a, b) => compare(a.path, b.path));
  return { uploads, leftOut };
}

/**
 * The dropped folders that hold a tree: videos/ beside masks/ or a caption list, a training list,
 * or tuples of layers.
 * @param {readonly FoundFile[]} found
 */
function treesIn(found) {
  /** @type {Map<string, FoundFile[]>} */ const folders = new Map();
  for (const one of found) {
    const root = rootOf(one.path);
    if (root) folders.set(root, [...(folders.get(root) ?? []), one]);
  }
  for (const [root, files] of folders) {
    const has = (/** @type {RegExp} */ pattern) => files.some((one) => pattern.test(one.path));
    const source = has(/\/videos\/[^/]+/) && (has(/\/masks\/[^/]+/) || has(/\/captions?\.json$/i));
    const tuples = has(/\/rgb_full(\.|\/)/) && has(/\/mask(\.|\/)/);
    const pictured = has(/\/input\//) && has(/\/trimask\//);
    if (!source && !tuples && !pictured && !has(/^[^/]+\/casper[^/]*\.json$/)) folders.delete(root);
  }
  return folders;
}

/**
 * @param {string} root
 * @param {FoundFile[]} files
 * @returns {Dropped}
 */
function treeUpload(root, files) {
  const used = files.filter(({ path }) => PICTURE.test(path) || FOOTAGE.test(path) || LIST.test(path) || path.endsWith(".txt"));
  return { kind: "folder", path: root, files: used.sort((a, b) => compare(a.path, b.path)) };
}

/** @param {string} path */
function rootOf(path) {
  return path.slice(0, Math.max(0, path.indexOf("/")));
}

/**
 * @param {string} folder
 * @param {FoundFile[]} files
 * @returns {Dropped}
 */
function folderUpload(folder, files) {
  const [only] = files;
  if (files.length === 1 && only) return { kind: "file", ...only };
  const inside = files.map(({ path, file }) => ({ path: path.slice(folder.length + 1), file }));
  return { kind: "folder", path: folder, files: inside.sort((a, b) => compare(a.path, b.path)) };
}

/**
 * Everything below the dropped entries. Browsers give folders in portions, the last one empty.
 * @param {readonly FileSystemEntry[]} entries
 * @returns {Promise<FoundFile[]>}
 */
export async function filesBelow(entries) {
  const found = await Promise.all(entries.map(async (entry) => (entry.isFile ? [await fileOf(entry)] : below(entry))));
  return found.flat();
}

/** @param {FileSystemEntry} entry */
async function below(entry) {
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {FileSystemEntry[]} */ const all = [];
  for (;;) {
    const portion = await /** @type {Promise<FileSystemEntry[]>} */ (
      new Promise((resolve, reject) => {
        reader.readEntries(resolve, reject);
      })
    );
    if (!portion.length) return filesBelow(all);
    all.push(...portion);
  }
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<FoundFile>}
 */
async function fileOf(entry) {
  const file = await /** @type {Promise<File>} */ (
    new Promise((resolve, reject) => {
      /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
    })
  );
  return { path: entry.fullPath.replace(/^\//, ""), file };
}

/**
 * Files of an <input type="file">, which knows their folder when a folder was chosen.
 * @param {Iterable<File>} files
 * @returns {FoundFile[]}
 */
export function filesChosen(files) {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** @param {string} path */
function folderOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}
