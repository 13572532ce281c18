/* Images and log files by paste, drop or choice: sent at once, their Markdown put where the cursor was. */
import { insert } from "./markdown-acts.js";
import { post } from "./request.js";

export function attachUploads(root, area) {
  const chooser = root.querySelector("input[type=file]");
  const note = root.querySelector("[data-role=note]");
  const take = async (files) => {
    for (const file of files) await upload(file, root.dataset.uploadUrl, area, note);
  };
  root.querySelector("[data-act=image]").addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", async () => {
    await take(chooser.files);
    chooser.value = "";
  });
  area.addEventListener("paste", (event) => onFiles(event, event.clipboardData, take));
  area.addEventListener("drop", (event) => onFiles(event, event.dataTransfer, take));
  area.addEventListener("dragover", () => root.classList.add("is-dropping"));
  for (const type of ["dragleave", "drop"]) area.addEventListener(type, () => root.classList.remove("is-dropping"));
}

function onFiles(event, data, take) {
  if (data.files.length === 0) return;
  event.preventDefault();
  take([...data.files]); // the server says which kinds it takes
}

async function upload(file, url, area, note) {
  const waiting = `![${file.name || "image"} …]()`;
  insert(area, gapAfter(area.value.slice(0, area.selectionStart)) + waiting);
  const body = new FormData();
  body.set("file", file, file.name || "image.png");
  let markdown = "";
  note.textContent = "";
  try {
    ({ markdown } = await (await post(url, body)).json());
  } catch (error) {
    note.textContent = error.message;
  }
  const at = area.value.indexOf(waiting);
  if (at < 0) return;
  area.setRangeText(markdown, at, at + waiting.length, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/* What makes a paragraph of its own begin after this text: an image is no part of the quote or list before it. */
function gapAfter(text) {
  if (text === "" || text.endsWith("\n\n")) return "";
  return text.endsWith("\n") ? "\n" : "\n\n";
}
