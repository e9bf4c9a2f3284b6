// What pages may load: a browser that keeps to the policy of the pages and of
// _headers shows every kind of page as it should be, and no script of a file
// that a text links to runs.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { open, stay } from "../browser.js";
import { serve } from "../server.js";
import { folder, kinds, out } from "../sites.js";

// listen has every page of a browser note what its policy does not allow.
const listen = (context) => context.addInitScript(() => {
  window.violations = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));
});
// allOf makes a page do all that it can, and returns what was not allowed.
const allOf = (page) => page.evaluate(async () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const button of document.querySelectorAll("button:not([type=submit])")) button.click();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return window.violations;
});
// styled tells whether the page has its style sheet.
const styled = (page) => page.evaluate(() => document.querySelector('link[rel="stylesheet"]').sheet?.cssRules.length > 20);

for (const site of ["own", "fixture", "kept"]) {
  describe(`allowed: ${site}`, () => {
    let server, browser;
    before(async () => {
      server = await serve(site);
      browser = await open();
      await listen(browser.context);
      const { redirect } = kinds(site);
      if (redirect) await stay(browser.page, server.home + redirect.slice(1));
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });
    for (const [kind, url] of Object.entries(kinds(site))) {
      test(`${kind}: ${url}`, async () => {
        const { page } = browser;
        const response = await page.goto(server.home + url.slice(1), { waitUntil: "load" });
        assert.match(response.headers()["content-security-policy"], /^default-src 'none';/);
        assert.equal(await page.locator('meta[http-equiv="Content-Security-Policy"]').count(), 1);
        assert.deepEqual(await allOf(page), []);
        assert.ok(await styled(page), "the page has its style");
      });
    }

    test("the script runs", async () => {
      await browser.page.goto(`${server.home}privacy/changes/`);
      await browser.page.locator("input[type=date]").first().waitFor({ timeout: 5000 });
      assert.deepEqual(await allOf(browser.page), []);
    });
  });
}

describe("allowed", () => {
  let browser, page;
  before(async () => {
    browser = await open();
    page = browser.page;
    await listen(browser.context);
  });
  after(() => browser?.close());

  test("an image of another host is shown where a text has one", async () => {
    const server = await serve("images");
    const asked = [];
    await browser.context.route("https://images.example/**", (route) => {
      asked.push(route.request().url());
      return route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>' });
    });
    await page.goto(`${server.home}privacy/`);
    assert.equal(await page.locator("[data-policy-text] img").evaluate((image) => image.naturalWidth), 40);
    assert.equal(asked.length, 1);
    assert.deepEqual(await allOf(page), []);
    // A page without one loads none, though _headers, which is for all, allows it.
    await page.goto(`${server.home}terms/`);
    await page.evaluate(() => new Promise((resolve) => {
      document.body.append(Object.assign(new Image(), { src: "https://images.example/pixel.svg", onerror: resolve, onload: resolve }));
    }));
    assert.equal(asked.length, 1);
    assert.deepEqual(await allOf(page), ["img-src https://images.example/pixel.svg"]);
    await server.close();
  });

  test("nothing that is written into a page runs", async () => {
    const server = await serve("images");
    const address = `${server.home}privacy/`;
    await page.route(address, async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace("</main>", `<script>window.ran = "script"</script><img src="data:," onerror="window.ran = 'event'"><style>main { display: none }</style></main>`);
      await route.fulfill({ response, body });
    });
    await page.goto(address);
    assert.equal(await page.evaluate(() => window.ran), undefined);
    assert.ok(await page.locator("main").isVisible());
    assert.ok((await allOf(page)).length >= 3);
    await page.unroute(address);
    await server.close();
  });

  test("a site that is opened from a disk has its style and its script", async () => {
    await page.goto(pathToFileURL(join(folder("fixture"), "privacy/changes/index.html")).href);
    assert.ok(await page.evaluate(() => getComputedStyle(document.querySelector(".skip")).position) === "absolute");
    await page.locator("input[type=date]").first().waitFor({ timeout: 5000 });
    assert.deepEqual(await allOf(page), []);
  });
});
