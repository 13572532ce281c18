/* What the toolbar's buttons do to the text. Each keeps the browser's own undo. */

export const acts = {
  bold: (area) => wrap(area, "**", "**"),
  italic: (area) => wrap(area, "*", "*"),
  code: (area) => (chosen(area).includes("\n") ? wrap(area, "```\n", "\n```") : wrap(area, "`", "`")),
  link: (area) => link(area),
  heading: (area) => startLines(area, () => "## "),
  quote: (area) => startLines(area, () => "> "),
  list: (area) => startLines(area, () => "- "),
  numbers: (area) => startLines(area, (index) => `${index + 1}. `),
};

/* Puts text in place of what is chosen, as if it were typed. */
export function insert(area, text) {
  area.focus();
  // execCommand is old, but the only way that leaves undo working in every browser.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function chosen(area) {
  return area.value.slice(area.selectionStart, area.selectionEnd);
}

function wrap(area, before, after) {
  const start = area.selectionStart;
  const text = chosen(area);
  insert(area, before + text + after);
  area.setSelectionRange(start + before.length, start + before.length + text.length);
}

function link(area) {
  const start = area.selectionStart;
  const text = chosen(area);
  insert(area, `[${text}](https://)`);
  const inside = text ? start + text.length + 3 : start + 1;
  area.setSelectionRange(inside, text ? inside + "https://".length : inside);
}

function startLines(area, sign) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  area.setSelectionRange(start, area.selectionEnd);
  const lines = chosen(area).split("\n");
  insert(area, lines.map((line, index) => sign(index) + line).join("\n"));
}
