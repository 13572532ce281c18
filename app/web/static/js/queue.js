/* The queue's list: keys, acts without leaving the page, and what others do meanwhile, shown when asked for. */
import { whisper } from "./announce.js";
import { listen } from "./keys.js";
import { stream } from "./desk-stream.js";
import { post } from "./request.js";

const LOOK_EVERY = 60_000;
const OPENS = { r: "#reply", n: "#note" };

export function attach(form) {
  const news = document.querySelector("[data-role=news]");
  let waiting = null;

  const look = async () => {
    const next = await fetchPage();
    const changes = next ? compare(next) : 0;
    waiting = changes ? next : null;
    news.hidden = !changes;
    news.textContent = changes === 1 ? news.dataset.one : news.dataset.many.replace("#", changes);
  };
  const show = (page) => {
    waiting = null;
    news.hidden = true;
    if (page) exchange(page);
  };
  const act = async (name) => {
    const body = new FormData(form);
    if (!body.has("case") && current()) body.set("case", current().dataset.case);
    if (!body.has("case")) return;
    body.set("act", name);
    try {
      report((await (await post(form.action, body)).json()).results);
    } catch (error) {
      report([{ ok: false, text: error.message }]);
    }
    show(await fetchPage());
  };

  form.addEventListener("submit", (event) => {
    const name = event.submitter?.value;
    if (!name || name === "macro") return; // a macro is looked at first, on its own page
    event.preventDefault();
    act(name);
  });
  form.addEventListener("change", () => count(form));
  news.addEventListener("click", () => show(waiting));
  const choose = (key) => () => {
    const box = current()?.querySelector("input[name=case]");
    if (box && !form.querySelector("input[name=case]:checked")) box.click();
    document.querySelector(`.bulk [data-key=${key}]`)?.focus();
  };
  const open = (key) => () => current() && location.assign(current().querySelector("a").href + OPENS[key]);
  listen({
    j: () => step(1), k: () => step(-1), x: () => current()?.querySelector("input[name=case]").click(),
    c: () => act("claim"), e: () => act("resolve"), r: open("r"), n: open("n"),
    s: choose("s"), a: choose("a"), m: choose("m"), p: choose("p"), ".": () => show(waiting),
    "/": () => document.querySelector("[data-key=find]").focus(),
  });
  stream(form.dataset.events, { case: look, reset: look, presence: (data) => seen(data, Number(form.dataset.me)) });
  setInterval(() => document.hidden || look(), LOOK_EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  count(form);
}

function rows(root = document) {
  return [...root.querySelectorAll("tr[data-case]")];
}

function current() {
  return document.activeElement?.closest("tr[data-case]") ?? null;
}

function step(by) {
  const all = rows();
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(current()) + by))];
  next?.querySelector("a").focus();
  next?.scrollIntoView({ block: "nearest" });
}

function count(form) {
  const place = form.querySelector("[data-role=chosen]");
  if (place) place.textContent = place.dataset.text.replace("#", form.querySelectorAll("input[name=case]:checked").length);
}

async function fetchPage() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null; // offline: the next look tries again
  }
}

/* Brings up to date what moves nothing (time left, counts), and says how many rows differ otherwise. */
function compare(page) {
  const old = new Map(rows().map((row) => [row.dataset.case, row]));
  const next = rows(page);
  let changes = [...old.keys()].filter((id) => !next.some((row) => row.dataset.case === id)).length;
  for (const row of next) {
    const here = old.get(row.dataset.case);
    if (!here || facts(here) !== facts(row)) changes += 1;
    if (!here) continue;
    here.querySelector(".due").replaceWith(row.querySelector(".due").cloneNode(true));
    here.className = row.className;
  }
  document.getElementById("queue-views").replaceChildren(...page.getElementById("queue-views").children);
  return changes;
}

function facts(row) {
  return [...row.cells].filter((cell) => !cell.matches(".due, .pick")).map((cell) => (cell.querySelector("a") ?? cell).textContent.trim()).join("|");
}

/* Puts the new rows in place; the cursor stays on its case, or else on its line. */
function exchange(page) {
  const at = current();
  const place = rows().indexOf(at);
  const chosen = new Set([...document.querySelectorAll("input[name=case]:checked")].map((box) => box.value));
  const hadCursor = at !== null || document.activeElement?.closest(".bulk");
  for (const id of ["queue-rows", "queue-views"]) {
    const next = page.getElementById(id);
    if (next) document.getElementById(id)?.replaceWith(next);
  }
  for (const box of document.querySelectorAll("input[name=case]")) box.checked = chosen.has(box.value) && !at;
  count(document.getElementById("queue"));
  const all = rows();
  const same = at && all.find((row) => row.dataset.case === at.dataset.case);
  if (hadCursor) (same ?? all[Math.min(Math.max(place, 0), all.length - 1)])?.querySelector("a").focus();
}

function report(results) {
  const place = document.getElementById("bulk-results");
  const list = document.createElement("ul");
  list.className = "results";
  for (const { ok, text } of results) {
    list.append(Object.assign(document.createElement("li"), { className: ok ? "" : "loss", textContent: text }));
  }
  place.replaceChildren(list);
}

function seen({ case_id: id, people }, me) {
  const place = document.querySelector(`tr[data-case="${id}"] [data-role=presence]`);
  if (!place) return;
  place.replaceChildren(...people.filter((one) => one.id !== me).map((one) => {
    const dot = document.createElement("span");
    dot.className = `dot${one.doing === "replying" ? " is-replying" : ""}`;
    dot.title = one.text ?? one.name;
    dot.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: one.name }));
    return dot;
  }));
  if (document.activeElement?.closest("tr")?.dataset.case === String(id) && people.length) whisper(people.map((one) => one.name).join(", "));
}
