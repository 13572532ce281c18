/* Asks before leaving a page on which something was typed and neither sent nor saved as a draft. */
export function attach(form) {
  const ask = (event) => event.preventDefault();
  const begin = () => addEventListener("beforeunload", ask);
  const end = () => removeEventListener("beforeunload", ask);
  form.addEventListener("input", begin);
  form.addEventListener("draft:saved", end);
  form.addEventListener("submit", end);
  begin(); // attached at the first input
}
