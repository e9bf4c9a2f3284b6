// Nothing on the site needs this script. It adds fields that find a policy, a change
// and the version for a date; links to passages; a redline side by side and as text;
// and it keeps the fragment of an address that has moved. Its words come from
// attributes of the page.
"use strict";

const make = (name, attributes, ...children) => {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...children);
  return element;
};
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const live = () => {
  const element = make("span", { className: "small" });
  element.setAttribute("role", "status");
  return element;
};
const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
const counted = (text, shown, of) => text.replace("{shown}", shown).replace("{all}", of);

// A field that finds a policy, where there are many.
for (const list of all("[data-find]")) {
  const entries = all(".policies > li", list);
  const folders = all("details", list);
  const input = make("input", { type: "search", id: "site:find", autocomplete: "off" });
  const said = live();
  list.querySelector("h2").after(make("div", { className: "field" }, make("label", { htmlFor: "site:find" }, list.dataset.find), input, said));
  input.addEventListener("input", () => {
    const wanted = words(input.value);
    for (const entry of entries) {
      const folder = entry.closest("details");
      const text = ((folder ? folder.querySelector(".folder-name").textContent : "") + " " + all(".name, p:not([class])", entry).map((p) => p.textContent).join(" ")).toLowerCase();
      entry.hidden = !wanted.every((word) => text.includes(word));
    }
    for (const folder of folders) {
      folder.hidden = !folder.querySelector("li:not([hidden])");
      folder.open = wanted.length > 0 && !folder.hidden;
    }
    said.textContent = wanted.length ? counted(list.dataset.shown, entries.filter((entry) => !entry.hidden).length, entries.length) : "";
  });
}

// A field that filters the changes of an archive.
for (const archive of all("[data-archive]")) {
  const changes = all(".change", archive);
  if (changes.length < 4) continue;
  const { dataset } = archive;
  const input = make("input", { type: "search", id: "site:words", autocomplete: "off" });
  const material = make("input", { type: "checkbox", id: "site:material" });
  const select = make("select", { id: "site:policy" }, make("option", { value: "" }, dataset.all));
  const policyOf = (change) => change.querySelector("[data-policy]")?.textContent ?? "";
  const names = [...new Set(changes.map(policyOf))].filter(Boolean).sort();
  select.append(...names.map((name) => make("option", { value: name }, name)));
  const said = live();
  const field = make("div", { className: "field" }, make("label", { htmlFor: input.id }, dataset.words), input);
  field.setAttribute("role", "search");
  field.setAttribute("aria-label", dataset.filter);
  if (names.length > 1) field.append(make("span", {}, make("label", { htmlFor: select.id }, dataset.policy), " ", select));
  if (changes.some((change) => change.matches(".material"))) field.append(make("span", {}, material, " ", make("label", { htmlFor: material.id }, dataset.material)));
  field.append(said);
  archive.prepend(field);
  field.addEventListener("input", () => {
    const wanted = words(input.value);
    for (const change of changes) {
      const text = change.textContent.toLowerCase();
      change.hidden = !wanted.every((word) => text.includes(word)) || material.checked && !change.matches(".material") || select.value !== "" && policyOf(change) !== select.value;
    }
    for (const year of all("section", archive)) year.hidden = !year.querySelector(".change:not([hidden])");
    const shown = changes.filter((change) => !change.hidden).length;
    said.textContent = shown < changes.length ? counted(dataset.shown, shown, changes.length) : "";
  });
}

// A field that finds the version for a date: the archive has the days.
const findDay = (day, go, otherwise) => { // ISO 8601, so the order of the letters is the order of the days
  const row = all("[data-from]").find(({ dataset }) => dataset.from <= day && (!dataset.last || day <= dataset.last));
  const version = row && row.querySelector("a");
  if (version) go(version.href);
  else otherwise();
};
const said = live();
for (const place of all("[data-day-field]")) {
  const { dayField, label, show, none } = place.dataset;
  const input = make("input", { type: "date", id: "site:day", required: true });
  const form = make("form", { className: "field" }, make("label", { htmlFor: input.id }, label), input, make("button", { type: "submit" }, show), said);
  place.replaceChildren(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (dayField.startsWith("#")) findDay(input.value, (href) => location.assign(href), () => { said.textContent = none; });
    else location.href = `${dayField}#on=${input.value}`;
  });
  const asked = location.hash.match(/^#on=(\d{4}-\d\d-\d\d)$/);
  if (asked && dayField.startsWith("#")) {
    input.value = asked[1];
    findDay(asked[1], (href) => location.replace(href), () => { said.textContent = none; });
  }
}

// Passages of a text can be cited by a dated address that does not change.
const text = document.querySelector("[data-policy-text][data-version]");
const passages = text ? all('[id^="~"]', text) : [];
if (passages.length > 0 && navigator.clipboard) {
  const { version, cite, cited } = text.dataset;
  const button = make("button", { type: "button", className: "cite", textContent: "#", title: cite });
  button.setAttribute("data-note", "");
  button.setAttribute("aria-label", cite);
  let at = null;
  const offer = (passage) => {
    if (passage === at || !passage) return;
    at = passage;
    button.textContent = "#";
    (passage.matches("tr") ? passage.lastElementChild : passage.querySelector(":scope > p") ?? passage).append(button);
  };
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(`${version}#${at.id}`, location.href).href);
    button.textContent = cited;
  });
  const passageOf = (event) => event.target.closest('[id^="~"]');
  for (const kind of ["pointerover", "click", "focusin"]) text.addEventListener(kind, (event) => offer(passageOf(event)));
  // One passage at a time is a stop of the keyboard; the arrows go on from it.
  passages.forEach((passage, i) => { passage.tabIndex = i === 0 ? 0 : -1; });
  text.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step && passages[passages.indexOf(event.target) + step];
    if (!next || !passages.includes(event.target)) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

// A redline as text, and its two texts side by side.
const redline = document.querySelector(".redline[data-side-by-side] > [data-redline]");
if (redline) {
  const plain = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("[data-note]")) return "";
    const inner = [...node.childNodes].map(plain).join("");
    if (node.matches("ins")) return inner && `{+${inner}+}`;
    if (node.matches("del")) return inner && `[-${inner}-]`;
    if (node.matches("p, li, tr, h1, h2, h3, h4, h5, h6, pre")) return `${inner.trim()}\n\n`;
    return node.matches("td, th") ? `${inner} | ` : inner;
  };
  const copy = document.querySelector("[data-copy]");
  const button = make("button", { type: "button", className: "plain", textContent: copy.dataset.copy });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(`${document.querySelector("h1").textContent.trim()}\n${location.href}\n\n${plain(redline).replace(/\n{3,}/g, "\n\n").trim()}\n`);
    button.textContent = copy.dataset.copied;
  });
  if (navigator.clipboard) copy.append(button);

  const { sideBySide, inOne } = redline.parentElement.dataset;
  const side = (block, hidden) => {
    const half = block.cloneNode(true);
    for (const element of [half, ...all("*", half)]) element.removeAttribute("id");
    for (const element of all(hidden, half)) element.remove();
    for (const item of all("li", half)) if (!item.textContent.trim()) item.remove();
    return make("div", {}, ...half.textContent.trim() ? [half] : []);
  };
  const both = make("div", { className: "both" });
  const change = make("button", { type: "button", className: "plain", textContent: sideBySide });
  change.setAttribute("aria-pressed", "false");
  change.addEventListener("click", () => {
    const on = !both.isConnected;
    if (on && !both.hasChildNodes()) {
      for (const block of redline.children) {
        if (block.matches(".edit-note")) both.append(make("div", {}, block.cloneNode(true)), make("div", {}));
        else both.append(side(block, "ins, .added"), side(block, "del, .removed"));
      }
      for (const element of all("[id]", both)) element.removeAttribute("id");
    }
    if (on) redline.after(both);
    else both.remove();
    redline.hidden = on;
    change.textContent = on ? inOne : sideBySide;
    change.setAttribute("aria-pressed", on);
  });
  const pager = document.querySelector(".head .pager ul");
  if (matchMedia("(min-width: 64rem)").matches) pager.insertBefore(make("li", {}, change), pager.querySelector(".next"));
}

// On the page for addresses that do not exist: the policy that the address is below.
for (const list of all("[data-belongs]")) {
  const link = all(".name a", list).find(({ pathname }) => location.pathname.startsWith(pathname));
  if (link) list.before(make("p", { className: "note" }, `${list.dataset.belongs} `, link.cloneNode(true), " · ", link.closest("li").querySelector(".small a").cloneNode(true)));
}

if (document.body.classList.contains("moved") && location.hash) {
  location.replace(document.querySelector("main a").href + location.hash);
}
