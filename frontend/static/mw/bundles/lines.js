/** Lines to copy, for the root that a person typed. Pure, no document. */

/**
 * The trainer's line, naming the list under `root`; without one it stays as it was.
 * @param {string} plain e.g. `export DATASET_META_NAME="/mnt/data/mix/casper.json"`
 * @param {string} root
 */
export function trainerLine(plain, root) {
  const folder = root.trim().replace(/\/+$/, "");
  if (!folder) return plain;
  return plain.replace(/"[^"]*"/, () => `"${folder}/casper.json"`);
}

/**
 * The pull line with `--root`, quoted for a shell where it has to be.
 * @param {string} plain
 * @param {string} root
 */
export function pullWithRoot(plain, root) {
  const folder = root.trim();
  return folder ? `${plain} --root ${quoted(folder)}` : plain;
}

/** @param {string} text */
export function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
