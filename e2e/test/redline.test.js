// A redline page, as it is published, has the words of its two versions and no
// others: nothing that marks a change runs two words into one or splits one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "parse5";
import { files, has, manifest, read } from "../sites.js";

const inline = new Set("a abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small span strong sub sup time u var wbr".split(" "));

const attribute = (node, name) => node.attrs?.find((a) => a.name === name)?.value;

function find(node, name) {
  if (attribute(node, name) !== undefined) return node;
  for (const child of node.childNodes ?? []) {
    const found = find(child, name);
    if (found) return found;
  }
}

// words returns the words of an element without those of some others in it, and
// without what is not the text.
function words(element, leftOut) {
  let text = "";
  const visit = (node) => {
    if (node.nodeName === leftOut || attribute(node, "data-note") !== undefined) return;
    if (node.nodeName === "#text") text += node.value;
    const isBlock = node.tagName && !inline.has(node.tagName);
    if (isBlock) text += " ";
    for (const child of node.childNodes ?? []) visit(child);
    if (isBlock) text += " ";
  };
  visit(element);
  return text.split(/\s+/).filter(Boolean);
}

for (const site of ["sample", "own", "fixture", "basecamp"].filter(has)) {
  test(`redlines: ${site}`, () => {
    const all = files(site);
    let checked = 0;
    for (const { versions } of manifest(site).policies) {
      const known = new Set();
      for (const version of versions) {
        // The title of front matter is a line of the text, and stands above it.
        const page = parse(read(site, `${decodeURI(version.url).slice(1)}index.html`));
        for (const word of [...words(find(page, "data-policy-text") ?? page), ...words(page)]) known.add(word);
      }
      for (const version of versions) {
        for (const page of ["changes", "since"]) {
          const path = `${decodeURI(version.url).slice(1)}${page}/index.html`;
          if (!all.includes(path)) continue;
          const redline = find(parse(read(site, path)), "data-redline");
          if (!redline) continue; // it links the redlines in between
          for (const leftOut of ["ins", "del"]) {
            assert.deepEqual(words(redline, leftOut).filter((word) => !known.has(word)), [], `${path} without what stands in <${leftOut}>`);
          }
          checked++;
        }
      }
    }
    assert.ok(checked > 0, "no redline was found");
  });
}
