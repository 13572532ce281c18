/* Copies the link's address in place of following it. */
import { whisper } from "./announce.js";

export function attach(link) {
  const words = [...link.childNodes].at(-1);
  const before = words.textContent;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(new URL(link.getAttribute("href"), location).href);
    } catch {
      location.assign(link.href); // no clipboard here: the address bar then shows it
      return;
    }
    words.textContent = link.dataset.done;
    whisper(link.dataset.done);
    setTimeout(() => (words.textContent = before), 2000);
  });
}
