/* Server-sent events for the staff's pages: open while the page is looked at. */
const GATHERED_FOR = 500; // milliseconds

/* `acts` maps a message's name to what is done with its data; all but `presence` are gathered for a moment. */
export function stream(url, acts) {
  let source = null;
  const gathered = (act) => {
    let timer = 0;
    return (data) => {
      timer ||= setTimeout(() => {
        timer = 0;
        act(data);
      }, GATHERED_FOR);
    };
  };
  const open = () => {
    source = new EventSource(url);
    for (const [name, act] of Object.entries(acts)) {
      const take = name === "presence" ? act : gathered(act);
      source.addEventListener(name, (event) => take(JSON.parse(event.data || "{}")));
    }
  };
  const follow = () => {
    source?.close();
    source = null;
    if (!document.hidden) open();
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => source?.close());
  follow();
}
