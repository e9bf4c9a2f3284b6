// Keeps a page that is open in a browser up to date while its site is being
// worked on. Only `policysite serve` adds it; no built site has it.
"use strict";
{
  const own = "/.policysite/";
  let { hash, style } = document.currentScript.dataset; // of the page as it is shown
  let stream, timer;
  let busy = Promise.resolve();
  let runs = 0;

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // What is said over the page stands outside of its body, in a tree of its
  // own that the site's style sheet does not reach.
  const host = make("policysite-preview", { hidden: true });
  host.dataset.note = "";
  const board = make("div", {});
  const badge = make("p", { role: "status" });
  host.attachShadow({ mode: "open" }).append(
    make("link", { rel: "stylesheet", href: `${own}reload.css`, onload: () => { host.hidden = false; } }), board, badge);
  document.documentElement.append(host);

  const listen = () => {
    hush();
    if (document.hidden) return;
    stream = new EventSource(`${own}events?${new URLSearchParams({ page: decodeURI(location.pathname), hash })}`);
    stream.onmessage = ({ data }) => { busy = busy.then(() => take(JSON.parse(data))).catch(retry); };
    stream.onerror = retry;
  };
  const hush = () => {
    clearTimeout(timer);
    stream?.close();
    stream = undefined;
  };
  // The server is gone or does not answer. The page stays, and asks again what
  // became of it: what it has not taken is told once more.
  const retry = () => {
    badge.textContent = "The preview has stopped. This page is as it was, and catches up when policysite serve runs again.";
    hush();
    if (!document.hidden) timer = setTimeout(listen, 1000);
  };

  const take = async (message) => {
    const { navigate } = message;
    if (navigate && navigate !== decodeURI(location.pathname)) {
      await fetch(encodeURI(navigate), { method: "HEAD" }); // to a server that is gone nobody goes
      location.assign(encodeURI(navigate));
      return;
    }
    say(message);
    if (message.hash !== hash || message.style && message.style !== style) await refresh();
    badge.textContent = "";
  };

  let said = "", wrong = "";
  const say = ({ errors, others, warnings, notes }) => {
    const all = JSON.stringify([errors, others, warnings, notes]);
    if (all === said) return;
    said = all;
    const before = wrong;
    wrong = JSON.stringify(errors);
    let open = board.querySelector("details")?.open && (errors.length > 0 || before === wrong);
    if (errors.length && before !== wrong) open = true;
    const counts = [], parts = [];
    for (const [problems, one, many, title] of [
      [errors, "error", "errors", hash ? "Until this is mended, the page is as it was before" : "What is wrong"],
      [others, "error on other pages", "errors on other pages", "On other pages"],
      [warnings, "warning", "warnings", "Warnings"], [notes, "note", "notes", "Notes"],
    ]) {
      if (!problems.length) continue;
      counts.push(`${problems.length} ${problems.length === 1 ? one : many}`);
      const section = make("section", {}, make("h2", {}, title), make("ul", {}, ...problems.map(({ place, message, hint }) =>
        make("li", {}, make("code", {}, place), make("p", {}, message), make("p", { className: "hint" }, hint && `hint: ${hint}`)))));
      if (problems === errors) section.role = "alert";
      parts.push(section);
    }
    const className = errors.length + others.length ? "wrong" : "";
    board.replaceChildren(...(parts.length ? [make("details", { open, className }, make("summary", {}, counts.join(", ")), ...parts)] : []));
  };
  document.addEventListener("keydown", ({ key }) => {
    const details = board.querySelector("details[open]");
    if (key === "Escape" && details) details.open = false;
  });

  // Which details a reader opened, by their summaries.
  const detailsOf = (body) => {
    const seen = new Map();
    return [...body.querySelectorAll("details")].map((details) => {
      const name = details.querySelector("summary")?.textContent ?? "";
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return [`${seen.get(name)} ${name}`, details];
    });
  };
  const refresh = async () => {
    const response = await fetch(location.pathname + location.search, { cache: "no-store" });
    if (response.status >= 500) throw new Error(response.statusText);
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = next.querySelector("script[data-hash]").dataset;
    await dress(next);
    if (fresh.hash !== hash) await replace(next);
    ({ hash, style } = fresh);
  };
  // The head's new elements come, and once new style sheets are there, what is no
  // longer in it goes.
  const dress = async (next) => {
    const kept = (head) => [...head.children].filter((element) => !element.matches("script, meta[http-equiv]"));
    const old = kept(document.head), fresh = kept(next.head);
    const added = fresh.filter((element) => !old.some((other) => other.isEqualNode(element)));
    const sheets = added.filter((element) => element.matches("link[rel~=stylesheet]"));
    const loaded = sheets.map((sheet) => new Promise((done) => { sheet.onload = sheet.onerror = done; }));
    document.head.append(...added);
    await Promise.all(loaded);
    for (const element of old) if (!fresh.some((other) => other.isEqualNode(element))) element.remove();
  };
  const replace = async (next) => {
    const open = new Map(detailsOf(document.body).map(([key, details]) => [key, details.open]));
    const reopen = () => detailsOf(document.body).forEach(([key, details]) => { details.open = open.get(key) ?? details.open; });
    const focus = document.activeElement?.id;
    const { scrollX: left, scrollY: top } = window;
    document.documentElement.lang = next.documentElement.lang;
    for (const { name } of [...document.body.attributes]) document.body.removeAttribute(name);
    for (const { name, value } of next.body.attributes) document.body.setAttribute(name, value);
    const scripts = [...next.querySelectorAll("script[src]:not([type], [data-hash])")];
    document.body.replaceChildren(...next.body.childNodes);
    reopen();
    window.scrollTo({ left, top, behavior: "instant" });
    // There are new elements to work on. As a module a script has names of its own again.
    for (const script of scripts) await import(`${script.src}?${++runs}`).catch(() => {});
    reopen();
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    window.scrollTo({ left, top, behavior: "instant" });
    window.dispatchEvent(new CustomEvent("policysite:refresh"));
  };

  // A browser opens six connections to a server and no more: pages that nobody
  // sees leave them to others, and catch up when they are seen.
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) listen(); });
  listen();
}
