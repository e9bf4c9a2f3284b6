// Compares any two versions, or any two files, when a reader asks for it. Without this
// script the page lists the redlines there are.
"use strict";

{
  const place = document.querySelector("[data-compare]");
  const { worker: workerURL, module, words, from, to, go, busy, failed } = place.dataset;
  const make = (name, attributes, ...children) => {
    const element = Object.assign(document.createElement(name), attributes);
    element.append(...children);
    return element;
  };
  const versions = [...document.querySelectorAll("[data-source]")];
  const choices = [["old", from], ["new", to]].map(([name, label]) => {
    const choice = versions.length > 0
      ? make("select", { name }, ...versions.map(({ dataset }) => make("option", { value: dataset.version }, dataset.name)))
      : make("input", { type: "file", name, accept: ".md,.markdown,.txt", required: true });
    return { choice, label: make("label", {}, label, " ", choice) };
  });
  const said = make("p", {});
  said.setAttribute("role", "status");
  const form = make("form", { className: "field" }, ...choices.map(({ label }) => label), make("button", { type: "submit" }, go));
  const result = document.querySelector("[data-redline]");
  place.replaceChildren(form, said);

  let worker = null;
  let asked = 0;
  const compare = async (texts) => {
    const id = ++asked;
    said.textContent = busy;
    result.parentElement.hidden = true;
    try {
      if (!worker) {
        worker = new Worker(workerURL);
        worker.onerror = () => { said.textContent = failed; };
      }
      const [old, text] = await Promise.all(texts.map(async ([name, bytes]) => ({ name, bytes: new Uint8Array(await bytes) })));
      const answer = await new Promise((resolve) => {
        const take = ({ data }) => {
          if (data.id !== id) return;
          worker.removeEventListener("message", take);
          resolve(data);
        };
        worker.addEventListener("message", take);
        worker.postMessage({ id, module: new URL(module, location.href).href, words: new URL(words, location.href).href, old, text });
      });
      if (id !== asked) return;
      said.textContent = answer.error ? `${failed} ${answer.error}` : answer.said;
      result.innerHTML = answer.html ?? "";
      result.parentElement.hidden = !answer.html;
    } catch (error) {
      if (id === asked) said.textContent = `${failed} ${error.message}`;
    }
  };
  const source = (id) => {
    const { dataset } = versions.find((version) => version.dataset.version === id);
    const bytes = fetch(dataset.source).then((response) => response.ok ? response.arrayBuffer() : Promise.reject(new Error(`${response.status} ${dataset.source}`)));
    return [dataset.name, bytes];
  };
  const [old, text] = choices.map(({ choice }) => choice);
  const chosen = () => {
    const [, a, b] = location.hash.match(/^#(\d{4}-[\d-]+)\.\.(\d{4}-[\d-]+)$/) ?? [];
    const known = (id) => versions.some((version) => version.dataset.version === id);
    if (!known(a) || !known(b)) return;
    [old.value, text.value] = [a, b];
    compare([source(a), source(b)]);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (versions.length === 0) {
      compare([old, text].map(({ files: [file] }) => [file.name, file.arrayBuffer()]));
    } else if (location.hash === `#${old.value}..${text.value}`) {
      chosen();
    } else {
      location.hash = `${old.value}..${text.value}`;
    }
  });
  if (versions.length > 0) {
    old.selectedIndex = Math.min(1, versions.length - 1); // the newest stands first
    addEventListener("hashchange", chosen);
    chosen();
  }
}
