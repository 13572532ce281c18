/* Attaches behaviours to elements that name them in data-behaviour. Pages are whole without any of this.

   A module exports attach(element). Those that are needed as soon as the page is there are loaded at once,
   the others when the person first does something that needs them, or stays: a reader loads almost nothing. */

const AT_ONCE = ["case", "counter", "draft", "editor", "local-time", "own-time", "queue", "similar-questions", "tag-input"];
const WHEN_NEEDED = {
  click: ["copy-link"],
  focusin: ["suggest"],
  input: ["unsaved"],
  submit: ["confirm", "swap", "theme"],
  toggle: ["focus-inside", "menu"],
};
const WHEN_STAYING = ["live"];
const STAYS_AFTER = 4000; // milliseconds
const REPEATED = ["click", "submit"];
const attached = new WeakMap();

function namesOf(element) {
  return element.dataset.behaviour.split(" ");
}

async function attach(element, name) {
  const done = attached.get(element) ?? new Set();
  attached.set(element, done);
  if (done.has(name)) return;
  done.add(name);
  const module = await import(`./${name}.js`);
  module.attach(element);
}

function attachAllIn(root, wanted = AT_ONCE) {
  for (const element of root.querySelectorAll("[data-behaviour]")) {
    for (const name of namesOf(element)) if (wanted.includes(name)) attach(element, name);
  }
}

function isAttached(element, name) {
  return attached.get(element)?.has(name);
}

async function repeat(event, element, names) {
  event.preventDefault();
  event.stopImmediatePropagation();
  // A module that can't be loaded is left out: the second time the browser does what it does without scripts.
  await Promise.allSettled(names.map((name) => attach(element, name)));
  if (event.type === "submit") element.requestSubmit(event.submitter);
  else element.click();
}

function listen(type, names) {
  const handle = (event) => {
    if (!(event.target instanceof Element)) return;
    const element = event.target.closest("[data-behaviour]");
    const wanted = element ? namesOf(element).filter((name) => names.includes(name) && !isAttached(element, name)) : [];
    if (wanted.length === 0) return;
    if (REPEATED.includes(type)) repeat(event, element, wanted);
    else for (const name of wanted) attach(element, name);
  };
  document.addEventListener(type, handle, { capture: true });
}

function focusSearchOnSlash(event) {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.querySelector("[data-key='/']")?.focus();
}

for (const [type, names] of Object.entries(WHEN_NEEDED)) listen(type, names);
document.addEventListener("keydown", focusSearchOnSlash);
document.addEventListener("behaviours:added", (event) => attachAllIn(event.target));
for (const form of document.querySelectorAll("form[data-behaviour=theme]")) form.hidden = false;
attachAllIn(document);
setTimeout(() => attachAllIn(document, WHEN_STAYING), STAYS_AFTER);
