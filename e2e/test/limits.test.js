// How large pages may be, beside their text.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "parse5";
import { files, folder, has, manifest, read } from "../sites.js";

const limit = 12 * 1024; // of what a page has beside its text
const sheetLimit = 14 * 1024;

// textSize returns how many bytes of a page are the text of a policy, with the
// element it stands in.
function textSize(html) {
  const find = (node) => node.attrs?.some(({ name }) => name === "data-policy-text") ? node : (node.childNodes ?? []).map(find).find(Boolean);
  const element = find(parse(html, { sourceCodeLocationInfo: true }));
  if (!element) return 0;
  const { startOffset, endOffset } = element.sourceCodeLocation;
  return Buffer.byteLength(html.slice(startOffset, endOffset));
}

for (const site of ["sample", "own", "fixture", "basecamp"].filter(has)) {
  describe(`limits: ${site}`, () => {
    test("the style sheet", () => {
      const [sheet, ...more] = files(site).filter((path) => path.endsWith(".css"));
      assert.deepEqual(more, []);
      const { size } = statSync(join(folder(site), sheet));
      assert.ok(size > 1000 && size <= sheetLimit, `${sheet} has ${size} bytes`);
    });
    test("the frame of every text", () => {
      let checked = 0;
      for (const { url, versions } of manifest(site).policies) {
        for (const page of [url, ...versions.filter(({ error }) => !error).map((v) => v.url)]) {
          const html = read(site, `${decodeURI(page).slice(1)}index.html`);
          const text = textSize(html);
          assert.ok(text > 0, `${page} has no text`);
          const frame = Buffer.byteLength(html) - text;
          assert.ok(frame < limit, `${page} has ${frame} bytes beside its text`);
          checked++;
        }
      }
      assert.ok(checked >= 3);
    });
  });
}
