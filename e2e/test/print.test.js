// On paper the first page says which version of what it is, and every page has
// its number.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { open } from "../browser.js";
import { serve } from "../server.js";
import { baseURL, manifest } from "../sites.js";

const site = "fixture-with-base";
const long = (day) => new Date(day).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

describe("print", () => {
  let server, browser;
  before(async () => {
    server = await serve(site, new URL(baseURL).pathname);
    browser = await open();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  // print returns the text of each page of a PDF of an address.
  const print = async (url) => {
    const { page } = browser;
    await page.goto(server.home + url.slice(1));
    const pdf = await page.pdf({ preferCSSPageSize: true, format: "A4" });
    return execFileSync("pdftotext", ["-layout", "-", "-"], { input: pdf, encoding: "utf8" }).split("\f").slice(0, -1);
  };

  // Lines may break anywhere on paper.
  const words = (text) => text.replace(/\s+/g, "");

  const policy = manifest(site).policies.find(({ id }) => id === "privacy");
  const current = policy.versions.find(({ id }) => id === policy.current);
  const past = policy.versions.filter((v) => v.in_force?.until && !v.error).at(-2);

  for (const [name, url, version] of [["policy", policy.url, current], ["snapshot", past.url, past]]) {
    test(`${name}: ${url}`, async () => {
      const pages = await print(url);
      assert.ok(pages.length >= 2, "the fixture's policy is longer than one page");
      const first = words(pages[0]);
      const wanted = [policy.title, baseURL + url.slice(1), "Recorded", long(version.recorded), long(version.in_force.from)];
      if (version.in_force.until) wanted.push(long(new Date(Date.parse(version.in_force.until) - 86400e3)));
      if (version.label) wanted.push(version.label);
      for (const text of wanted) assert.ok(first.includes(words(text)), `the first page does not say ${JSON.stringify(text)}:\n${pages[0]}`);
      pages.forEach((text, i) => assert.match(text.trimEnd(), new RegExp(`(^|\\s)${i + 1} ?/ ?${pages.length}$`), `page ${i + 1} lacks its number`));
      // Nothing is cut off: neither the end of the text nor that of a long line
      // of code, which a screen scrolls to.
      for (const text of ["A processor works on our instructions.", "/on/and/on/and/on HTTP/1.1", "Legal basis", "averyveryverylongword".repeat(6)]) {
        assert.ok(words(pages.join("")).includes(words(text)), `${JSON.stringify(text)} is missing`);
      }
    });
  }

  test("references to footnotes are there on paper", async () => {
    const { page } = browser;
    await page.emulateMedia({ media: "print" });
    await page.goto(server.home + policy.url.slice(1));
    assert.ok(await page.locator("[role=doc-noteref]").isVisible());
    await page.emulateMedia({ media: null });
  });

  test("a fold of a redline does not offer to show what it folds", async () => {
    const { page } = browser;
    const folds = page.locator(".redline .fold");
    const redlines = policy.versions.slice(1).map((v) => server.home + `${v.url}changes/`.slice(1));
    do await page.goto(redlines.pop());
    while ((await folds.count()) === 0 && redlines.length > 0);
    const said = await folds.first().innerText();
    assert.match(said, / · show$/);
    await page.emulateMedia({ media: "print" });
    assert.equal(await folds.first().innerText(), said.replace(/ · show$/, ""));
    await page.emulateMedia({ media: null });
  });

  test("what is folded on a screen is open on paper", async () => {
    const text = words((await print(`${policy.url}changes/`)).join(""));
    const folded = policy.versions.filter(({ kind }) => kind === "links" || kind === "formatting");
    assert.ok(folded.length >= 2);
    for (const { recorded, kind } of folded) assert.ok(text.includes(words(long(recorded))), `the version of ${recorded}, of kind ${kind}, is missing`);
  });
});
