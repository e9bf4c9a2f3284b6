// A Hugo site with fragments in it: they say what the site says that they were made
// from, all links lead on, and neither's style reaches the other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../browser.js";
import { files, pages, read } from "../sites.js";
import { serve } from "../server.js";

const words = (html) => html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
const policyText = (html) => words(html.match(/<div[^>]* data-policy-text[^>]*>([^]*?)<section /)?.[1] ?? "");

test("every fragment is a page of the site, and says the same", () => {
  const own = pages("fixture-with-base").filter((path) => path !== "404.html" && path !== "compare/index.html" && !read("fixture-with-base", path).includes("http-equiv=refresh"));
  let texts = 0;
  for (const path of own) {
    const mounted = read("mounted", `legal/${path}`);
    const text = policyText(read("fixture-with-base", path));
    texts += text !== "";
    assert.equal(policyText(mounted), text, path);
  }
  assert.ok(texts > 20, `${texts} texts`);
});

test("all that a mounted page leads to is there", () => {
  const there = new Set(files("mounted"));
  for (const path of pages("mounted")) {
    for (const [, href] of read("mounted", path).matchAll(/ (?:href|src)="([^"]*)"/g)) {
      const { origin, pathname } = new URL(href, `https://example.com/${path}`);
      if (origin !== "https://example.com") continue;
      const file = decodeURI(pathname).slice(1) + (pathname.endsWith("/") ? "index.html" : "");
      assert.ok(there.has(file), `${path} leads to ${href}`);
    }
  }
});

test("a fragment keeps its looks, and the site its own", async (t) => {
  const site = await serve("mounted");
  const { page, close } = await open();
  t.after(async () => { await close(); await site.close(); });
  for (const path of ["legal/privacy/", "legal/changes/"]) {
    await page.goto(new URL(path, site.home).href);
    const style = (selector, property) => page.locator(selector).first().evaluate((element, name) => getComputedStyle(element)[name], property);
    assert.equal(await style(".policysite .ps-title", "borderTopWidth"), "0px");
    assert.match(await style(".policysite", "fontFamily"), /system-ui/);
    assert.match(await style("nav a", "fontFamily"), /Georgia/);
    assert.equal(await style("nav a", "color"), "rgb(0, 128, 0)");
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} scrolls sideways at ${width}`);
    }
  }
});
