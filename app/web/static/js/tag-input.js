/* Completes the last of several tags separated by commas, from the field's own list. */
export function attach(input) {
  const list = input.list;
  const known = [...(list?.options ?? [])].map((option) => option.value);
  const complete = () => {
    const typed = input.value.split(",").map((each) => each.trim());
    const before = typed.slice(0, -1).filter(Boolean);
    const start = before.length ? `${before.join(", ")}, ` : "";
    const free = known.filter((each) => !before.includes(each) && each.startsWith(typed.at(-1).toLowerCase()));
    list?.replaceChildren(...free.slice(0, 12).map((each) => new Option(start + each, start + each)));
  };
  const tidy = () => {
    const tags = input.value.split(",").map((each) => each.trim().toLowerCase().replace(/^#/, "").replace(/\s+/g, "-"));
    input.value = [...new Set(tags.filter(Boolean))].join(", ");
  };
  input.addEventListener("input", complete);
  input.addEventListener("change", tidy);
}
