/* Saves what was typed into a form 1.5 seconds after typing stopped. */
import { debounce, post } from "./request.js";

export function attach(form) {
  const note = form.querySelector("[data-role=draft]");
  const save = debounce(async () => {
    const fields = new FormData(form);
    fields.delete("csrf");
    try {
      await post(form.dataset.draftUrl, fields);
      const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date());
      note.textContent = `${form.dataset.saved} ${clock}`;
      form.dispatchEvent(new CustomEvent("draft:saved"));
    } catch {
      note.textContent = form.dataset.unsaved; // offline: the text is still in the form, and the next pause tries again
    }
  }, 1500);
  form.addEventListener("input", save);
}
