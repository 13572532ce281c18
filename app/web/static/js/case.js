/* A case's page: keys, telling the others that one is here, and what they do meanwhile. */
import { listen } from "./keys.js";
import { stream } from "./desk-stream.js";
import { post, token } from "./request.js";

const BEAT = 20_000;
const WRITES_FOR = 60_000;

export function attach(root) {
  const { presenceUrl, events, me } = root.dataset;
  const news = root.querySelector("[data-role=news]");
  let wrote = -WRITES_FOR;
  let said = "";

  const beat = () => {
    if (document.hidden) return;
    said = performance.now() - wrote < WRITES_FOR ? "replying" : "viewing";
    post(presenceUrl, form(said)).catch(() => {}); // the next one tries again
  };
  for (const area of root.querySelectorAll(".composer textarea")) {
    area.addEventListener("input", () => {
      wrote = performance.now();
      if (said !== "replying") beat();
    });
  }
  addEventListener("pagehide", () => navigator.sendBeacon(presenceUrl, form("left")));
  document.addEventListener("visibilitychange", beat);
  setInterval(beat, BEAT);
  beat();

  const changed = ({ by_id: by }) => {
    if (by !== Number(me)) news.hidden = false;
  };
  news.addEventListener("click", () => location.reload());
  stream(events, { case: changed, reset: changed, presence: ({ people }) => here(root, people.filter((one) => one.id !== Number(me))) });
  listen({});
  if (["#reply", "#note"].includes(location.hash)) root.querySelector(`${location.hash} textarea`)?.focus();
}

function form(doing) {
  const body = new FormData();
  body.set("doing", doing);
  body.set("csrf", token());
  return body;
}

function here(root, people) {
  const place = root.querySelector("[data-role=here]");
  const { looking, replying } = place.dataset;
  place.textContent = people.map((one) => (one.doing === "replying" ? replying : looking).replace("#", one.name)).join(" · ");
}
