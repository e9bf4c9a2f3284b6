// What the reader came for stands on the first screen, also of a phone: the text of a
// policy, the first change of a redline, the first row of an archive.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { desktop, open, phone } from "../browser.js";
import { serve } from "../server.js";
import { has, manifest, pages } from "../sites.js";

// Where each must begin, in CSS pixels from the top of the page: half of the pages, and
// nine tenths of them within 1.3 times as much.
const limits = {
  text: { [phone.width]: 520, [desktop.width]: 420 },
  origins: { [phone.width]: 520, [desktop.width]: 420 },
  redline: { [phone.width]: 760, [desktop.width]: 520 },
  archive: { [phone.width]: 520, [desktop.width]: 420 },
};

// first returns where the first of some elements begins that has something to see.
function first(selector) {
  const seen = [...document.querySelectorAll(selector)].filter((element) => element.getClientRects().length > 0);
  const tops = seen.map((element) => element.getBoundingClientRect().top + scrollY);
  return tops.length > 0 ? Math.round(Math.min(...tops)) : null;
}

const marks = "ins, del, .inserted, .deleted, .edit-note, .added, .removed".split(", ").map((s) => `[data-redline] ${s}`).join(", ");

function redlines(site) {
  const there = new Set(pages(site));
  return manifest(site).policies.flatMap(({ versions }) => versions.map(({ url }) => `${url}changes/`)).filter((url) => there.has(`${decodeURI(url).slice(1)}index.html`));
}

const kinds = {
  text: { selector: "[data-policy-text] > *", of: (site) => manifest(site).policies.map(({ url }) => url) },
  origins: { selector: "[data-policy-text] > *", of: (site) => manifest(site).policies.map(({ url }) => `${url}origins/`) },
  redline: { selector: marks, of: redlines },
  archive: { selector: ".change", of: (site) => ["/changes/", ...manifest(site).policies.map(({ url }) => `${url}changes/`)] },
};

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

for (const site of ["basecamp", "psf"].filter(has)) {
  describe(`first screens of ${site}`, () => {
    let server, browser;
    before(async () => {
      server = await serve(site);
      browser = await open();
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });
    for (const [kind, { selector, of }] of Object.entries(kinds)) {
      for (const size of [phone, desktop]) {
        test(`${kind} at ${size.width} px`, async (t) => {
          const { page } = browser;
          await page.setViewportSize(size);
          const found = [];
          for (const url of of(site)) {
            await page.goto(server.home + url.slice(1), { waitUntil: "load" });
            const top = await page.evaluate(first, selector);
            if (top !== null) found.push([top, url]);
          }
          found.sort(([a], [b]) => a - b);
          const tops = found.map(([top]) => top);
          const limit = limits[kind][size.width];
          t.diagnostic(`${site}, ${kind} at ${size.width} px: ${tops.length} pages, median ${at(tops, 0.5)}, 90th percentile ${at(tops, 0.9)}, limit ${limit}; last: ${found.slice(-3).map((f) => f.join(" ")).join(", ")}`);
          assert.ok(tops.length > 0);
          assert.ok(at(tops, 0.5) <= limit, `the median is ${at(tops, 0.5)}`);
          assert.ok(at(tops, 0.9) <= 1.3 * limit, `the 90th percentile is ${at(tops, 0.9)}`);
        });
      }
    }
  });
}
