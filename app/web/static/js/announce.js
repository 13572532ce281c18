/* Says something to everyone: shown as a flash message, read out by screen readers. kind: done, note, problem. */
export function announce(text, kind = "note") {
  const place = document.getElementById("flashes");
  const message = document.createElement("div");
  message.className = `flash flash-${kind} is-fresh`;
  message.append(Object.assign(document.createElement("p"), { textContent: text }));
  place.replaceChildren(message);
  const top = place.getBoundingClientRect().top;
  if (kind === "problem" && (top < 0 || top > innerHeight)) place.scrollIntoView({ block: "center" });
}

/* Says something to screen readers only. */
export function whisper(text) {
  let place = document.getElementById("whisper");
  if (!place) {
    place = Object.assign(document.createElement("div"), { id: "whisper", className: "visually-hidden" });
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  place.textContent = text;
}
