/** An image set: tick all pictures of the page, or none when all are ticked. */
document.querySelector("[data-ticks]")?.addEventListener("click", () => {
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#judge input[name=picture]"));
  const all = [...boxes].every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});
