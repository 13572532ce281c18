/* Suggestions while one types into a search field: a combobox with a list (WAI-ARIA, "list autocomplete"). */
import { debounce } from "./request.js";

const LEAST = 2;
let lists = 0;

export function attach(form) {
  const input = form.querySelector("input[type=search]");
  const list = makeList(input);
  let asking = new AbortController();

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map((each, index) => option(each, `${list.id}-${index}`)));
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };
  const look = debounce(async () => {
    asking.abort();
    asking = new AbortController();
    const words = input.value.trim();
    if (words.length < LEAST) return close();
    try {
      const url = `${form.dataset.suggestUrl}?q=${encodeURIComponent(words)}`;
      const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: asking.signal });
      if (answer.ok && document.activeElement === input) show((await answer.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }, 150);

  input.addEventListener("input", look);
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => onKey(event, input, list, close));
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => follow(event.target.closest("[role=option]")));
  if (input.value !== input.defaultValue) look(); // typed while this was being loaded
}

function makeList(input) {
  const list = document.createElement("div");
  list.id = `suggestions-${++lists}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent ?? input.getAttribute("aria-label") ?? "");
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  return list;
}

function option({ text, href, hint }, id) {
  const item = document.createElement("div");
  item.id = id;
  item.dataset.href = href;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (hint) item.append(Object.assign(document.createElement("span"), { className: "quiet small", textContent: hint }));
  return item;
}

function onKey(event, input, list, close) {
  const options = [...list.children];
  const present = options.findIndex((each) => each.id === input.getAttribute("aria-activedescendant"));
  if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close();
  } else if (event.key === "Enter" && present >= 0 && !list.hidden) {
    event.preventDefault();
    follow(options[present]);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = present < 0 && step < 0 ? options.length - 1 : (present + step + options.length) % options.length;
    options.forEach((each, index) => each.setAttribute("aria-selected", String(index === next)));
    options[next].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[next].id);
  }
}

function follow(chosen) {
  if (chosen) location.assign(chosen.dataset.href);
}
