/* Moves the cursor into the form that a disclosure opened. */
export function attach(details) {
  const move = () => details.open && details.querySelector("textarea, input:not([type=hidden])")?.focus();
  details.addEventListener("toggle", move);
  move();
}
