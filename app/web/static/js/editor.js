/* A Markdown editor over a plain textarea: toolbar, keys, live preview. */
import { acts } from "./markdown-acts.js";
import { attachUploads } from "./uploads.js";
import { debounce, post } from "./request.js";

export function attach(root) {
  const area = root.querySelector("textarea");
  const bar = root.querySelector("[role=toolbar]");
  delete bar.dataset.idle;
  bar.addEventListener("click", (event) => {
    const act = acts[event.target.closest("button")?.dataset.act];
    if (act) act(area);
  });
  bar.addEventListener("keydown", (event) => moveInside(event, bar));
  area.addEventListener("keydown", (event) => {
    const button = (event.ctrlKey || event.metaKey) && !event.altKey && bar.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
    if (!button) return;
    event.preventDefault();
    acts[button.dataset.act](area);
  });
  if (root.dataset.previewUrl) attachPreview(root, area);
  if (root.dataset.uploadUrl) attachUploads(root, area);
}

function moveInside(event, bar) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const buttons = [...bar.querySelectorAll("button")];
  const next = buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length);
  for (const each of buttons) each.tabIndex = each === next ? 0 : -1;
  next.focus();
}

function attachPreview(root, area) {
  const preview = root.querySelector("[data-role=preview]");
  const place = preview.querySelector(".prose");
  let asked = 0;
  const show = debounce(async () => {
    const number = ++asked;
    preview.hidden = area.value.trim() === "";
    if (preview.hidden) return;
    const body = new FormData();
    body.set("body", area.value);
    try {
      const html = await (await post(root.dataset.previewUrl, body)).text();
      if (number === asked) place.innerHTML = html;
    } catch (error) {
      if (number === asked) place.textContent = error.message;
    }
  }, 400);
  area.addEventListener("input", show);
  if (area.value) show();
}
