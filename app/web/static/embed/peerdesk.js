/* <peerdesk-questions> and <peerdesk-ask>: the forum inside other pages. See docs/embedding.md.
   The server ends this file with a call that gives the forum's address and the texts. Nothing is
   ever read as HTML, no style stands in a page, no cookie or storage is used. */
((forum, words) => {
  "use strict";

  const PAUSE = 300, LEAST = 8;
  const ICONS = {
    solved: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM6.8 10.2l2.2 2.2 4.2-4.6",
    answered: "M3 4.5h14v9H9l-4 3v-3H3Z",
    unanswered: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM10 6.2v4.6m0 2.4v.6",
    closed: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM5.2 5.2l9.6 9.6",
  };
  const STYLE = `
    :host { display: block; box-sizing: border-box;
      --ink: var(--peerdesk-ink, light-dark(#191c1f, #e9e9e4));
      --quiet: var(--peerdesk-quiet, light-dark(#555b62, #a9afb5));
      --paper: var(--peerdesk-paper, light-dark(#fdfdfb, #15181b));
      --line: var(--peerdesk-line, light-dark(#dededa, #31363b));
      --edge: var(--peerdesk-edge, light-dark(#85898d, #7a8188));
      --accent: var(--peerdesk-accent, light-dark(#2747c0, #a9b9ff));
      --accent-ink: var(--peerdesk-accent-ink, light-dark(#fff, #14171a));
      --radius: var(--peerdesk-radius, 6px);
      font-family: var(--peerdesk-font, inherit); line-height: 1.35; overflow-wrap: anywhere; }
    :host([hidden]) { display: none; }
    :host([theme=light]) { color-scheme: light; }
    :host([theme=dark]) { color-scheme: dark; }
    * { box-sizing: border-box; }
    .box { padding: 16px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--paper); color: var(--ink); }
    .heading, .label { display: block; margin: 0 0 8px; font-size: 1.0625em; font-weight: 650; }
    ul { margin: 0; padding: 0; list-style: none; }
    li { padding: 4px 0 8px; border-top: 1px solid var(--line); }
    a { color: var(--accent); }
    .title { display: block; padding: 6px 0; color: var(--ink); font-weight: 600; text-decoration: none; }
    .title:hover { color: var(--accent); text-decoration: underline; }
    .meta { display: flex; flex-wrap: wrap; gap: 2px 12px; margin: 0; color: var(--quiet); font-size: .875em; }
    .status { display: inline-flex; align-items: center; gap: 4px; font-weight: 600; }
    .solved { color: var(--peerdesk-solved, light-dark(#176839, #7ccf9b)); }
    .answered { color: var(--peerdesk-answered, light-dark(#44607c, #a5bacf)); }
    .unanswered { color: var(--peerdesk-open, light-dark(#885000, #eeb561)); }
    svg { width: 18px; height: 18px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
    .footer { display: flex; flex-wrap: wrap; gap: 0 20px; margin: 4px 0 -8px; }
    .footer a { padding: 10px 0; }
    .said { margin: 12px 0 4px; color: var(--quiet); font-size: .875em; }
    .said:empty { margin: 0; }
    .empty { margin: 0; padding: 8px 0; color: var(--quiet); }
    .field { display: flex; flex-wrap: wrap; gap: 8px; }
    input, button { min-height: 44px; border: 1px solid var(--edge); border-radius: var(--radius); font: inherit; }
    input { flex: 1 1 14em; min-width: 0; padding: 8px 12px; background: transparent; color: inherit; }
    input::placeholder { color: var(--quiet); opacity: 1; }
    button { padding: 8px 18px; border-color: var(--accent); background: var(--accent); color: var(--accent-ink); font-weight: 600; cursor: pointer; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }`;

  let sheet;
  const style = () => {
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
    return sheet;
  };

  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const icon = (status) => {
    const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[status] || ICONS.closed);
    svg.append(path);
    return svg;
  };

  /* An address of the forum; whatever an answer says, a link leads nowhere else. */
  const address = (path, query = {}) => {
    let url = new URL(path, forum);
    if (url.origin !== new URL(forum).origin) url = new URL(forum);
    for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
    return url.href;
  };

  const read = async (path, query, signal) => {
    const options = { credentials: "omit", headers: { Accept: "application/json" }, signal };
    const answer = await fetch(address(`/api/v1${path}`, query), options);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()).data;
  };

  const counted = ([one, many], n) => (n === 1 ? one : many).replace("%s", n);

  const promised = (promise) => {
    if (promise.state === "paused") return words.paused;
    const due = new Date(promise.due_at);
    if (!(due > new Date())) return words.late;
    const shape = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
    return words.promise.replace("%s", new Intl.DateTimeFormat(words.locale, shape).format(due));
  };

  const row = (question, answer) => {
    const { status, promise } = question;
    const href = address(question.url) + (answer ? `#answer-${answer}` : "");
    const meta = make("p", { class: "meta", part: "meta" },
      make("span", { class: `status ${status}`, part: `status status-${status}` }, icon(status), words.status[status] || status));
    if (question.answer_count) meta.append(make("span", {}, counted(words.answers, question.answer_count)));
    if (question.me_too_count) meta.append(make("span", {}, counted(words.too, question.me_too_count)));
    if (promise && status === "unanswered") meta.append(make("span", { part: "promise" }, promised(promise)));
    return make("li", { part: "item" }, make("a", { class: "title", part: "link", dir: "auto", href }, question.title), meta);
  };

  class Element extends HTMLElement {
    constructor() {
      super();
      this.attachShadow({ mode: "open" }).append(make("slot", {}));
      this.shadowRoot.adoptedStyleSheets = [style()];
    }

    connectedCallback() {
      this.plan();
    }

    disconnectedCallback() {
      this.control?.abort();
      clearTimeout(this.waiting);
    }

    attributeChangedCallback(_name, before, after) {
      if (this.isConnected && before !== after) this.plan();
    }

    /* Several changed attributes make one drawing. */
    plan() {
      if (this.planned) return;
      this.planned = true;
      queueMicrotask(() => {
        this.planned = false;
        if (this.isConnected) this.draw();
      });
    }

    value(name) {
      return (this.getAttribute(name) || "").trim();
    }

    signal() {
      this.control?.abort();
      this.control = new AbortController();
      return this.control.signal;
    }

    tell(name, detail) {
      return this.dispatchEvent(new CustomEvent(`peerdesk-${name}`, { bubbles: true, composed: true, cancelable: true, detail }));
    }

    /* A customer whom the site signs in: by a token that the page holds, or one that the site gives when asked. */
    askAddress(title) {
      const query = { product: this.value("product"), title }, issuer = this.value("issuer"), token = this.value("token");
      if (token) return address("/enter", { ...query, token });
      return address(issuer ? `/enter/from/${encodeURIComponent(issuer)}` : "/ask", query);
    }
  }

  class Questions extends Element {
    static observedAttributes = ["product", "tag", "query", "status", "sort", "limit", "heading", "level", "token", "issuer"];

    async draw() {
      const signal = this.signal();
      try {
        const rows = await this.rows(signal);
        if (signal.aborted) return;
        this.show(rows);
        this.tell("load", { count: rows.length });
      } catch (error) {
        if (signal.aborted) return;
        this.shadowRoot.replaceChildren(make("slot", {})); // the plain link
        this.tell("error", { error });
      }
    }

    async rows(signal) {
      const [product, tag, query, status, sort] = ["product", "tag", "query", "status", "sort"].map((name) => this.value(name));
      const limit = Math.min(20, Math.max(1, parseInt(this.value("limit"), 10) || 5));
      if (!query) return read("/questions", { product, tag, status, sort: sort || "active", limit }, signal);
      const found = await read("/search", { q: this.words(), limit }, signal);
      return found.map((each) => each.question);
    }

    words() {
      const parts = [["product", "product"], ["tag", "tag"], ["status", "is"]].map(
        ([name, operator]) => this.value(name) && `${operator}:${this.value(name)}`);
      return [this.value("query"), ...parts].filter(Boolean).join(" ");
    }

    all() {
      if (this.value("query")) return address("/search", { q: this.words() });
      if (this.value("product")) return address(`/products/${encodeURIComponent(this.value("product"))}`);
      if (this.value("tag")) return address(`/tags/${encodeURIComponent(this.value("tag"))}`);
      return address("/questions");
    }

    show(rows) {
      const text = this.hasAttribute("heading") ? this.value("heading") : words.heading;
      const box = make("section", { class: "box", part: "box", "aria-label": text || words.heading });
      if (text) {
        const level = /^[1-6]$/.test(this.value("level")) ? this.value("level") : "2";
        box.append(make(`h${level}`, { class: "heading", part: "heading" }, text));
      }
      box.append(rows.length
        ? make("ul", { part: "list", role: "list" }, ...rows.map((question) => row(question)))
        : make("p", { class: "empty", part: "empty" }, words.empty));
      box.append(make("p", { class: "footer", part: "footer" },
        make("a", { href: this.all() }, words.all), make("a", { href: this.askAddress() }, words.ask)));
      this.shadowRoot.replaceChildren(box);
    }
  }

  class Ask extends Element {
    static observedAttributes = ["product", "label", "placeholder"];

    draw() {
      const typed = this.input?.value || "";
      this.input = make("input", { id: "title", part: "input", name: "title", maxlength: "150", autocomplete: "off",
        placeholder: this.value("placeholder") || words.placeholder });
      this.input.value = typed;
      this.said = make("p", { class: "said", part: "message", role: "status" });
      this.list = make("ul", { part: "list", role: "list", "aria-label": words.similar });
      const form = make("form", { class: "box", part: "box" },
        make("label", { class: "label", part: "label", for: "title" }, this.value("label") || words.label),
        make("div", { class: "field" }, this.input, make("button", { part: "button" }, words.button)),
        this.said, this.list);
      this.input.addEventListener("input", () => this.wait());
      form.addEventListener("keydown", (event) => this.move(event));
      form.addEventListener("submit", (event) => this.ask(event));
      this.shadowRoot.replaceChildren(form);
    }

    focus(options) {
      this.input?.focus(options);
    }

    wait() {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.look(), PAUSE);
    }

    async look() {
      const signal = this.signal(), title = this.input.value.trim();
      let rows = [];
      if (title.length >= LEAST) {
        try {
          rows = await read("/questions/similar", { title, product: this.value("product"), limit: "5" }, signal);
        } catch (error) {
          if (!signal.aborted) this.tell("error", { error });
        }
      }
      if (!signal.aborted) this.suggest(rows);
    }

    suggest(rows) {
      const solved = rows.filter((each) => each.question.status === "solved").length;
      this.said.textContent = solved ? counted(words.solved, solved) : rows.length ? counted(words.alike, rows.length) : "";
      this.list.replaceChildren(...rows.map((each) => row(each.question, each.solution_id)));
    }

    move(event) {
      const stops = [this.input, ...this.list.querySelectorAll("a")];
      const at = stops.indexOf(this.shadowRoot.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape" && stops.length > 1) {
        this.suggest([]);
        this.input.focus();
      } else if (at >= 0 && step && stops[at + step]) stops[at + step].focus();
      else return;
      event.preventDefault();
    }

    ask(event) {
      event.preventDefault(); // a page's form-action says nothing of going to an address
      const url = this.askAddress(this.input.value.trim());
      if (this.tell("ask", { url })) location.assign(url);
    }
  }

  for (const [name, element] of [["peerdesk-questions", Questions], ["peerdesk-ask", Ask]]) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
})
