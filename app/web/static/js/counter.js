/* Shows beside the label how many characters are left. */
export function attach(input) {
  const label = document.querySelector(`label[for="${input.id}"]`);
  const left = Object.assign(document.createElement("span"), { className: "quiet num" });
  left.setAttribute("aria-hidden", "true");
  label.append(left);
  const show = () => (left.textContent = `${input.value.length} / ${input.maxLength}`);
  input.addEventListener("input", show);
  show();
}
