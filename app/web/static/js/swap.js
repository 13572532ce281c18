/* Sends a small form (vote, follow, me too) and puts the form of the answer in its place. */
import { announce, whisper } from "./announce.js";
import { refusal } from "./request.js";

export function attach(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    try {
      await send(form, event.submitter);
    } catch {
      form.dataset.behaviour = ""; // no network for us: let the browser try and say what is wrong
      HTMLFormElement.prototype.submit.call(withValueOf(form, event.submitter));
    } finally {
      form.ariaBusy = "false";
    }
  });
}

async function send(form, pressed) {
  const headers = { "X-Fragment": "1" };
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, pressed), headers });
  if (!answer.ok) {
    announce(await refusal(answer), "problem");
    return;
  }
  const next = fragmentOf(await answer.text());
  if (answer.redirected || !next) location.assign(answer.url);
  else replace(form, next, [...form.querySelectorAll("button")].indexOf(pressed));
}

function fragmentOf(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const [only, ...others] = holder.content.children;
  return others.length === 0 && only?.matches("form") ? only : null;
}

function replace(form, next, pressed) {
  const hadFocus = form.contains(document.activeElement);
  next.classList.add("is-fresh");
  form.replaceWith(next);
  const button = next.querySelectorAll("button")[pressed];
  if (hadFocus) button?.focus();
  whisper((next.querySelector(".score") ?? button)?.textContent ?? "");
}

function withValueOf(form, pressed) {
  if (pressed?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: pressed.name, value: pressed.value }));
  return form;
}
