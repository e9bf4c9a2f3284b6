// Keeps a page that is open in a browser up to date while its site is being
// worked on. Only `policysite serve` adds it; no built site has it.
"use strict";
{
  const own = document.currentScript;
  let hash = own.dataset.hash;
  let stream;
  let style;
  let busy = Promise.resolve();
  let refreshed = 0;

  // What is said over the page stands outside of its body, in a tree of its
  // own that the site's style sheet does not reach.
  const host = document.createElement("policysite-preview");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; }
    * { box-sizing: border-box; }
    section, details { font: 16px/1.5 system-ui, sans-serif; color: #1a1d21; background: #fff; position: fixed; z-index: 2147483647; }
    section { inset: 0; overflow: auto; padding: 6vh 5vw; border-block-start: 8px solid #b3261e; background: #fffffff2; }
    details { inset-block-end: 1rem; inset-inline-end: 1rem; max-inline-size: min(34rem, calc(100vw - 2rem)); max-block-size: 60vh; overflow: auto;
      padding: .4rem .8rem; border: 1px solid #a85a00; border-radius: 6px; box-shadow: 0 2px 8px #0003; }
    summary { cursor: pointer; }
    h1 { font-size: 1.4em; margin: 0 0 1em; }
    ul { margin: .5em 0; padding: 0; list-style: none; }
    li { margin-block-end: 1em; }
    code { font: .9em ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
    p { margin: 0; white-space: pre-wrap; }
    .hint { color: #57606a; }
  `);
  root.adoptedStyleSheets = [sheet];
  const board = root.appendChild(document.createElement("div"));

  const make = (name, text, ...children) => {
    const element = document.createElement(name);
    element.textContent = text;
    element.append(...children);
    return element;
  };
  const list = (problems) => make("ul", "", ...problems.map(({ place, message, hint }) => {
    const item = make("li", "");
    if (place) item.append(make("code", place));
    item.append(make("p", message));
    if (hint) {
      const line = make("p", `hint: ${hint}`);
      line.className = "hint";
      item.append(line);
    }
    return item;
  }));

  let told = "";
  const tell = ({ errors, warnings }) => {
    const now = JSON.stringify([errors, warnings]);
    if (now === told) return;
    told = now;
    const open = board.querySelector("details")?.open;
    board.replaceChildren();
    if (errors.length) {
      const title = make("h1", "The site cannot be made; this is the last one without errors");
      const section = make("section", "", title, list(errors));
      section.setAttribute("role", "alert");
      board.append(section);
    } else if (warnings.length) {
      const details = make("details", "", make("summary", warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`), list(warnings));
      details.open = Boolean(open);
      board.append(details);
    }
    if (!host.isConnected) document.documentElement.append(host);
  };

  // A new style sheet takes the old one's place once it is loaded.
  const restyle = (url) => {
    const old = [...document.querySelectorAll('link[rel="stylesheet"]')].find((link) => /\/assets\/[0-9a-f]{16}\/style\.css$/.test(link.href));
    if (!old || new URL(old.href).pathname === url) return;
    const next = old.cloneNode();
    next.href = url;
    next.onload = () => old.remove();
    next.onerror = () => next.remove();
    old.after(next);
  };

  // Everything that a reader did to the page: what is open, what has the focus.
  const detailsOf = (body) => {
    const seen = new Map();
    return [...body.querySelectorAll("details")].map((details) => {
      const name = details.querySelector("summary")?.textContent ?? "";
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      return [`${nth} ${name}`, details];
    });
  };

  const refresh = async () => {
    const response = await fetch(location.pathname + location.search, { cache: "no-store" });
    if (!(response.headers.get("content-type") ?? "").startsWith("text/html")) throw new Error("no page");
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    if (next.querySelector('meta[http-equiv="refresh"]')) throw new Error("moved");
    const open = new Map(detailsOf(document.body).map(([key, details]) => [key, details.open]));
    const focus = document.activeElement?.id;
    const { scrollX, scrollY } = window;
    hash = next.querySelector("script[data-hash]")?.dataset.hash ?? hash;
    document.title = next.title;
    document.documentElement.lang = next.documentElement.lang;
    for (const { name } of [...document.body.attributes]) document.body.removeAttribute(name);
    for (const { name, value } of next.body.attributes) document.body.setAttribute(name, value);
    document.body.replaceChildren(...next.body.childNodes);
    for (const [key, details] of detailsOf(document.body)) {
      if (open.has(key)) details.open = open.get(key);
    }
    // The site's own scripts have new elements to work on.
    for (const script of document.head.querySelectorAll("script[src]:not([type])")) {
      await import(`${script.src}?${++refreshed}`);
    }
    for (const [key, details] of detailsOf(document.body)) {
      if (open.has(key)) details.open = open.get(key);
    }
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
    window.dispatchEvent(new CustomEvent("policysite:refresh"));
  };

  const take = async (message) => {
    if (message.navigate && message.navigate !== decodeURI(location.pathname)) {
      location.assign(encodeURI(message.navigate));
      return;
    }
    tell(message);
    if (message.style && message.style !== style) restyle(style = message.style);
    if (message.hash !== hash) {
      hash = message.hash;
      try {
        await refresh();
      } catch {
        location.reload();
      }
    }
  };

  const listen = () => {
    if (stream) return;
    const query = new URLSearchParams({ page: decodeURI(location.pathname), hash });
    stream = new EventSource(`/.policysite/events?${query}`);
    stream.onmessage = ({ data }) => {
      busy = busy.then(() => take(JSON.parse(data)));
    };
    stream.onerror = () => {
      // A browser tries again by itself, unless it was refused.
      if (stream && stream.readyState === EventSource.CLOSED) {
        stream = undefined;
        setTimeout(listen, 1000);
      }
    };
  };
  const hush = () => {
    stream?.close();
    stream = undefined;
  };
  // A browser opens six connections to a server and no more: pages that nobody
  // sees leave them to others, and catch up when they are seen.
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", listen);
  listen();
}
