/**
 * A button with data-opens="id" opens the <dialog> of that id; data-closes inside closes it. The
 * browser keeps focus inside and gives it back to the opener.
 * @param {Document} document
 */
export function startDialogs(document) {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.getAttribute("data-opens") ?? "");
      if (dialog instanceof HTMLDialogElement) dialog.showModal();
    }
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  });
}
