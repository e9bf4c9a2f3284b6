// Nothing on the site needs this script. It adds a field that filters the list
// of policies, and one that finds the version for a day; and it keeps the
// fragment of an address that has moved.
"use strict";

const make = (name, attributes, ...children) => {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...children);
  return element;
};

const list = document.querySelector("[data-filter]");
const entries = list ? [...list.querySelectorAll(".policies > li")] : [];
if (entries.length > 8) {
  const input = make("input", { type: "search", id: "site:filter", autocomplete: "off" });
  const status = make("span", { className: "small" });
  status.setAttribute("role", "status");
  list.querySelector("h2").after(
    make("div", { className: "field" }, make("label", { htmlFor: "site:filter" }, "Find a policy"), input, status));
  const folders = [...list.querySelectorAll("details")];
  const wasOpen = new Map(folders.map((folder) => [folder, folder.open]));
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      const folder = entry.closest("details");
      const named = [...entry.children].filter((child) => !child.matches(".small, .pending"));
      const text = [folder && folder.querySelector(".folder-name"), ...named]
        .map((element) => element ? element.textContent : "").join(" ").toLowerCase();
      entry.hidden = !words.every((word) => text.includes(word));
      shown += entry.hidden ? 0 : 1;
    }
    for (const folder of folders) {
      folder.hidden = !folder.querySelector("li:not([hidden])");
      folder.open = words.length ? !folder.hidden : wasOpen.get(folder);
    }
    status.textContent = words.length ? `${shown} of ${entries.length} policies` : "";
  });
}

const place = document.querySelector("[data-day-field]");
if (place) {
  const input = make("input", { type: "date", id: "site:day", required: true });
  const status = make("span", {});
  status.setAttribute("role", "status");
  const form = make("form", { className: "field" },
    make("label", { htmlFor: "site:day" }, "On the day"), input, make("button", { type: "submit" }, "Show the version"), status);
  place.append(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const day = input.value; // ISO 8601, so the order of the letters is the order of the days
    const row = [...document.querySelectorAll("[data-from]")].find(
      ({ dataset }) => dataset.from <= day && (!dataset.until || day < dataset.until));
    const version = row && row.querySelector("a");
    if (version) {
      location.href = version.href;
    } else {
      status.textContent = "This record shows no version in force on that day.";
    }
  });
}

if (document.body.classList.contains("moved") && location.hash) {
  location.replace(document.querySelector("main a").href + location.hash);
}
