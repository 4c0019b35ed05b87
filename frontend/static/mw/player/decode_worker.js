/** The worker that fetches and decodes: the page's thread only draws. See decode_messages.js. */
import { GopDecoder } from "./gop_decoder.js";
import { Turns } from "./turns.js";

/** @typedef {import("./decode_messages.js").ToWorker} ToWorker */
/** @typedef {import("./decode_messages.js").FromWorker} FromWorker */

/** @type {Map<number, {decoder: GopDecoder, under: AbortController}>} */
const streams = new Map();

/** All streams share this thread. */
const turns = new Turns(afterThisTask());

/** A task of its own, without the 4 ms that a timer waits. */
function afterThisTask() {
  const { port1, port2 } = new MessageChannel();
  /** @type {(() => void)[]} */
  const tasks = [];
  port1.onmessage = () => tasks.shift()?.();
  return (/** @type {() => void} */ task) => {
    tasks.push(task);
    port2.postMessage(null);
  };
}

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [moved]
 */
function say(message, moved = []) {
  globalThis.postMessage(message, { transfer: moved });
}

/** @param {Extract<ToWorker, {type: "open"}>} message */
function open({ id, stream, index }) {
  const decoder = new GopDecoder(stream, index, turns, (frame, picture) => {
    const moved = /** @type {Transferable[]} */ ([picture.data.buffer]);
    if (picture.bitmap) moved.push(picture.bitmap);
    if (picture.rgba) moved.push(picture.rgba.buffer);
    say({ type: "picture", id, frame, picture }, moved);
  });
  streams.set(id, { decoder, under: new AbortController() });
}

/** @param {Extract<ToWorker, {type: "decode"}>} message */
async function decode({ id, order, call }) {
  const stream = streams.get(id);
  if (!stream) return;
  stream.under = new AbortController();
  try {
    await stream.decoder.decode(order, stream.under.signal);
    say({ type: "done", id, call });
  } catch (error) {
    // The browser takes decoders of idle tabs away; whoever asks again gets a new one.
    const reclaimed = error instanceof DOMException && error.name === "QuotaExceededError";
    say({ type: "failed", id, call, reclaimed, why: error instanceof Error ? error.message : String(error) });
  }
}

globalThis.addEventListener("message", ({ data }) => {
  const message = /** @type {ToWorker} */ (data);
  const stream = streams.get(message.id);
  if (message.type === "open") open(message);
  if (message.type === "decode") void decode(message);
  if (message.type === "abandon" || message.type === "close") stream?.under.abort();
  if (message.type === "abandon") stream?.decoder.abandon();
  if (message.type === "close") {
    stream?.decoder.close();
    streams.delete(message.id);
  }
});
