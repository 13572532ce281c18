/* Closes an open menu by Escape, by a press elsewhere, and when the cursor leaves it. */
export function attach(menu) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  for (const type of ["pointerdown", "focusin"]) {
    document.addEventListener(type, (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }
}
