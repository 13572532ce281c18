/* Writes the exact time in the reader's own zone, and refreshes "5 min ago" on a page that was kept for a while. */
const STEPS = [
  [60, "minute"],
  [3600, "hour"],
  [86400, "day"],
];

export function attach(time) {
  const at = new Date(time.dateTime);
  const language = document.documentElement.lang;
  time.title = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at);
  const age = (Date.now() - at) / 1000;
  if (age < 60 || age >= 7 * 86400) return;
  const [size, unit] = STEPS.findLast(([least]) => age >= least);
  const words = new Intl.RelativeTimeFormat(language, { style: "short" }).format(-Math.floor(age / size), unit);
  const short = language === "en" ? words.replace(/ hrs?\. /, " h ").replace("min.", "min").replace(/ days? /, " d ") : words;
  if (time.textContent !== short) time.textContent = short;
}
