/* Asks before leaving a page on which something was typed and not sent. Attached at the first input. */
export function attach(form) {
  const ask = (event) => event.preventDefault();
  addEventListener("beforeunload", ask);
  form.addEventListener("submit", () => removeEventListener("beforeunload", ask));
}
