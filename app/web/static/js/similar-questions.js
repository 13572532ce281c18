/* Shows questions like the one being asked, while its title is typed. */
import { debounce } from "./request.js";

const LEAST = 8;

export function attach(section) {
  const form = section.closest("form");
  const place = section.querySelector("[data-role=similar]");
  let asking = new AbortController();
  const look = debounce(async () => {
    const { title, body } = form.elements;
    if (title.value.trim().length < LEAST) return place.replaceChildren();
    asking.abort();
    asking = new AbortController();
    const query = new URLSearchParams({ title: title.value, body: body.value.slice(0, 1000), product: section.dataset.product });
    try {
      const answer = await fetch(`${section.dataset.similarUrl}?${query}`, { headers: { "X-Fragment": "1" }, signal: asking.signal });
      if (answer.ok) show(form, place, await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") place.replaceChildren();
    }
  }, 300);
  form.elements.title.addEventListener("input", look);
  form.elements.body.addEventListener("change", look);
  if (!place.firstElementChild) look(); // a restored draft has a title already
}

function show(form, place, html) {
  place.innerHTML = html;
  // Whoever has seen them here is not shown them once more before posting.
  if (html.trim() && !form.querySelector("input[name=confirmed]")) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "1" }));
  }
}
