/* Says "1 new answer" on an open question page. Listens only while the page is looked at. */

export function attach(place) {
  const facts = place.dataset;
  const fresh = new Set();
  let shown = Number(facts.answers);
  let present = shown;
  let stream = null;

  const tell = () => {
    const count = Math.max(present - shown, fresh.size);
    if (count > 0) place.replaceChildren(link(count === 1 ? facts.one : facts.many.replace("%s", count), [...fresh].pop()));
    else place.replaceChildren();
  };
  const on = {
    state: ({ answer_count }) => (present = answer_count),
    "answer.created": ({ answer_id, answer_count }) => {
      present = answer_count;
      if (!document.getElementById(`answer-${answer_id}`)) fresh.add(answer_id);
    },
    "answer.removed": ({ answer_id, answer_count }) => {
      present = answer_count;
      if (!fresh.delete(answer_id) && shown > 0) shown -= 1;
    },
  };

  const open = () => {
    stream = new EventSource(`/api/v1/events?question=${facts.question}`);
    for (const [name, act] of Object.entries(on)) {
      stream.addEventListener(name, (event) => {
        act(JSON.parse(event.data));
        tell();
      });
    }
  };
  const close = () => {
    stream?.close();
    stream = null;
  };
  const follow = () => {
    if (document.visibilityState === "hidden") close();
    else if (!stream) open();
  };

  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", close);
  addEventListener("pageshow", follow);
  follow();
}

function link(text, answer) {
  const to = Object.assign(document.createElement("a"), { className: "button button-primary", textContent: text });
  to.href = answer ? `#answer-${answer}` : "#answers";
  to.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", to.href);
    location.reload();
  });
  return to;
}
