/** One feed per project and page, shared by the count in the bar and the Jobs page. */
import { request } from "../lib/api.js";
import { JobFeed } from "./job_feed.js";

/** @type {Map<string, JobFeed>} */
const feeds = new Map();

/**
 * @param {string} project its slug
 * @returns {JobFeed} started already
 */
export function projectFeed(project) {
  const known = feeds.get(project);
  if (known) return known;
  const socket = new URL(`/ws/projects/${project}/`, location.href);
  socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const feed = new JobFeed(`/api/projects/${project}/jobs/`, {
    read: (url) => request(url),
    connect: () => /** @type {import("./job_feed.js").WebSocketLike} */ (new WebSocket(socket)),
    later: (run, milliseconds) => setTimeout(run, milliseconds),
    never: (handle) => clearTimeout(/** @type {ReturnType<typeof setTimeout>} */ (handle)),
  });
  feeds.set(project, feed);
  // In the next task, so that an element may first seed it with what the page brought along.
  setTimeout(() => feed.start());
  return feed;
}
