/** Part of a file by HTTP Range. */

/**
 * @param {string} url
 * @param {number} from first byte
 * @param {number} to one after the last
 * @param {AbortSignal} signal
 * @returns {Promise<Uint8Array>} exactly to - from bytes
 * @throws {Error} when the server answers with something else
 */
export async function fetchRange(url, from, to, signal) {
  const headers = { Range: `bytes=${from}-${to - 1}` };
  const answer = await fetch(url, { headers, signal, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  // A proxy may answer a range with the whole file.
  const wanted = answer.status === 206 ? bytes : bytes.subarray(from, to);
  if (wanted.byteLength !== to - from) throw new Error(`${wanted.byteLength} bytes came instead of ${to - from}`);
  return wanted;
}
