/* Changes the colours at once. Members' choice is kept with their account, strangers' in a cookie. */
const IS_SAFE = location.protocol === "https:";
const NAME = IS_SAFE ? "__Host-pd_theme" : "pd_theme"; // as app/web/cookies.py names it

export function attach(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = event.submitter;
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
    for (const button of form.querySelectorAll("button")) button.ariaPressed = String(button === event.submitter);
    document.cookie = `${NAME}=${value}; path=/; max-age=${value ? 31536000 : 0}; samesite=lax${IS_SAFE ? "; secure" : ""}`;
    if (form.elements.csrf) {
      fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), headers: { "X-Fragment": "1" } });
    }
  });
}
