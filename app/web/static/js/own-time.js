/* Writes an instant that is promised in the reader's own time zone, and says so. */
export function attach(time) {
  const language = document.documentElement.lang;
  const written = new Intl.DateTimeFormat(language, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(new Date(time.dateTime));
  time.title = time.textContent;
  time.textContent = `${written} (${time.dataset.note})`;
}
