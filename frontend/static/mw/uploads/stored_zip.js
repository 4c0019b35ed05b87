/**
 * A folder as one stored ZIP64, made of the files themselves: the browser reads them when they are
 * sent, so the archive never lies in memory. The same files give the same bytes, so an upload of
 * a folder resumes like one of a file. Source: PKWARE APPNOTE 6.3.9.
 */

/** @typedef {{path: string, file: Blob}} ArchiveFile */

const LIMIT_32 = 0xffffffff;
const LIMIT_16 = 0xffff;
const UTF8_NAMES = 0x0800;
const MADE_ON_UNIX = (3 << 8) | 45;
const ORDINARY_FILE = (0o100644 << 16) >>> 0;
const DATE = (1 << 5) | 1; // 1980-01-01, the earliest that the format knows
const TABLES = crcTables();

/**
 * @param {readonly ArchiveFile[]} files
 * @param {{onRead?: (bytes: number) => void, signal?: AbortSignal}} [options] onRead: bytes of all files read so far
 * @returns {Promise<Blob>}
 */
export async function storedZip(files, { onRead, signal } = {}) {
  /** @type {BlobPart[]} */ const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */ const central = [];
  let [offset, read] = [0, 0];
  for (const { path, file } of files) {
    const crc = await crcOf(file, (bytes) => onRead?.(read + bytes), signal);
    read += file.size;
    const name = new TextEncoder().encode(path);
    const local = localRecord(name, file.size, crc);
    parts.push(local, file);
    central.push(centralRecord(name, file.size, crc, offset));
    offset += local.length + file.size;
  }
  const length = central.reduce((sum, record) => sum + record.length, 0);
  return new Blob([...parts, ...central, endRecords(files.length, length, offset)], { type: "application/zip" });
}

/**
 * @param {Blob} file
 * @param {(bytes: number) => void} onRead
 * @param {AbortSignal} [signal]
 * @returns {Promise<number>}
 */
export async function crcOf(file, onRead = () => {}, signal) {
  let [crc, read] = [0, 0];
  const reader = file.stream().getReader();
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = await reader.read();
    if (done) return crc;
    crc = crc32(value, crc);
    read += value.length;
    onRead(read);
  }
}

/**
 * Four bytes a step ("slicing by 4"), about 500 MB/s.
 * @param {Uint8Array} data
 * @param {number} before
 */
export function crc32(data, before = 0) {
  const [t0, t1, t2, t3] = TABLES;
  let crc = ~before;
  let at = 0;
  for (const last = data.length - 3; at < last; at += 4) {
    crc ^= at_(data, at) | (at_(data, at + 1) << 8) | (at_(data, at + 2) << 16) | (at_(data, at + 3) << 24);
    crc = at_(t3, crc & 255) ^ at_(t2, (crc >>> 8) & 255) ^ at_(t1, (crc >>> 16) & 255) ^ at_(t0, crc >>> 24);
  }
  for (; at < data.length; at += 1) crc = (crc >>> 8) ^ at_(t0, (crc ^ at_(data, at)) & 255);
  return ~crc >>> 0;
}

/**
 * @param {Uint8Array | Int32Array} values
 * @param {number} index always inside
 */
function at_(values, index) {
  return /** @type {number} */ (values[index]);
}

/** @returns {[Int32Array, Int32Array, Int32Array, Int32Array]} */
function crcTables() {
  const tables = /** @type {[Int32Array, Int32Array, Int32Array, Int32Array]} */ ([0, 1, 2, 3].map(() => new Int32Array(256)));
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[0][byte] = crc;
  }
  for (let byte = 0; byte < 256; byte += 1) {
    for (const [from, to] of /** @type {const} */ ([[0, 1], [1, 2], [2, 3]])) {
      const crc = at_(tables[from], byte);
      tables[to][byte] = (crc >>> 8) ^ at_(tables[0], crc & 255);
    }
  }
  return tables;
}

/** Writes little-endian numbers one after the other. */
class Record {
  #view;
  #at = 0;

  /** @param {number} length */
  constructor(length) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** @param {...number} values */
  short(...values) {
    for (const value of values) this.#view.setUint16((this.#at += 2) - 2, value, true);
    return this;
  }

  /** @param {...number} values */
  long(...values) {
    for (const value of values) this.#view.setUint32((this.#at += 4) - 4, value, true);
    return this;
  }

  /** @param {...number} values */
  huge(...values) {
    for (const value of values) this.#view.setBigUint64((this.#at += 8) - 8, BigInt(value), true);
    return this;
  }

  /** @param {Uint8Array} value */
  raw(value) {
    this.bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }
}

/**
 * @param {Uint8Array} name
 * @param {number} size
 * @param {number} crc
 */
function localRecord(name, size, crc) {
  const large = size >= LIMIT_32;
  const short = large ? LIMIT_32 : size;
  const record = new Record(30 + name.length + (large ? 20 : 0))
    .long(0x04034b50)
    .short(large ? 45 : 20, UTF8_NAMES, 0, 0, DATE)
    .long(crc, short, short)
    .short(name.length, large ? 20 : 0)
    .raw(name);
  if (large) record.short(1, 16).huge(size, size);
  return record.bytes;
}

/**
 * @param {Uint8Array} name
 * @param {number} size
 * @param {number} crc
 * @param {number} offset
 */
function centralRecord(name, size, crc, offset) {
  const huge = [...(size >= LIMIT_32 ? [size, size] : []), ...(offset >= LIMIT_32 ? [offset] : [])];
  const extra = huge.length ? 4 + huge.length * 8 : 0;
  const short = Math.min(size, LIMIT_32);
  const record = new Record(46 + name.length + extra)
    .long(0x02014b50)
    .short(MADE_ON_UNIX, extra ? 45 : 20, UTF8_NAMES, 0, 0, DATE)
    .long(crc, short, short)
    .short(name.length, extra, 0, 0, 0)
    .long(ORDINARY_FILE, Math.min(offset, LIMIT_32))
    .raw(name);
  if (extra) record.short(1, huge.length * 8).huge(...huge);
  return record.bytes;
}

/**
 * @param {number} count
 * @param {number} length
 * @param {number} start
 */
function endRecords(count, length, start) {
  const large = count >= LIMIT_16 || length >= LIMIT_32 || start >= LIMIT_32;
  const record = new Record((large ? 76 : 0) + 22);
  if (large) {
    record.long(0x06064b50).huge(44).short(MADE_ON_UNIX, 45).long(0, 0).huge(count, count, length, start);
    record.long(0x07064b50, 0).huge(start + length).long(1);
  }
  const short = Math.min(count, LIMIT_16);
  return record.long(0x06054b50).short(0, 0, short, short).long(Math.min(length, LIMIT_32), Math.min(start, LIMIT_32)).bytes;
}
