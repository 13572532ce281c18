/* Single keys of the staff's pages: off while one types and, for those who switch them off (WCAG 2.1.4), always. */
const OFF = "peerdesk-keys";
const LETTERS_FOR = 2000; // milliseconds after g

/* `acts` maps a key to what it does; a key without an act presses or enters what names it in data-key. */
export function listen(acts) {
  const dialog = document.getElementById("keys");
  let going = -LETTERS_FOR;
  document.addEventListener("keydown", (event) => {
    if (onField(event)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]") || localStorage.getItem(OFF) === "off") return;
    const { key } = event;
    const go = event.timeStamp - going < LETTERS_FOR && document.querySelector(`[data-letter="${CSS.escape(key)}"]`);
    const target = !go && document.querySelector(`[data-key="${CSS.escape(key)}"]:not([hidden], .site-search *)`);
    going = key === "g" ? event.timeStamp : -LETTERS_FOR;
    if (go) location.assign(go.href);
    else if (acts[key]) acts[key](event);
    else if (key === "?") dialog.showModal();
    else if (target) enter(target);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  attachDialog(dialog);
}

/* Presses a button or link; puts the cursor into a field, opening what it is folded away in. */
export function enter(target) {
  if (target.matches("button, a")) return target.click();
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.focus();
  target.scrollIntoView({ block: "nearest" });
}

function isTyping(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

/* Enter in a choice presses the button beside it, Ctrl+Enter in a text sends it (with Shift in the other way), Escape leaves. */
function onField(event) {
  const field = event.target instanceof Element && event.target.closest("select[data-key], textarea, input[data-key]");
  if (!field || event.isComposing) return false;
  if (event.key === "Escape") field.blur();
  else if (event.key === "Enter" && field.matches("select")) beside(field)?.click();
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) (event.shiftKey && field.form.querySelector("[data-shift]") || beside(field))?.click();
  else return false;
  event.preventDefault();
  return true;
}

function beside(field) {
  return (field.closest(".pair") ?? field.form)?.querySelector("button[data-default]") ?? (field.closest(".pair") ?? field.form)?.querySelector("button:not([type=button])");
}

function attachDialog(dialog) {
  const choice = dialog.querySelector("[data-role=keys-on]");
  choice.checked = localStorage.getItem(OFF) !== "off";
  choice.addEventListener("change", () => (choice.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "off")));
  document.querySelector("[data-role=show-keys]")?.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
}
