/* Changes the colours at once. Members' choice is kept with their account, strangers' in a cookie. */
export function attach(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = event.submitter;
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
    for (const button of form.querySelectorAll("button")) button.ariaPressed = String(button === event.submitter);
    document.cookie = `pd_theme=${value}; path=/; max-age=${value ? 31536000 : 0}; samesite=lax`;
    if (form.elements.csrf) {
      fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), headers: { "X-Fragment": "1" } });
    }
  });
}
