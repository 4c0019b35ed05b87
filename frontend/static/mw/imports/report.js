/** The page of an import: going on with a job that ended shows its progress anew. */
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.target instanceof Element && event.target.matches("[data-reloads]")) window.location.reload();
});
