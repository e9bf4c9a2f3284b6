// axe reports no violation on any kind of page, in both colour schemes and on
// narrow and wide screens.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import { desktop, open, phone, stay } from "../browser.js";
import { serve } from "../server.js";
import { has, kinds, pages } from "../sites.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// In the site of four languages every page is looked at.
const addresses = (site) => site === "languages" ? pages(site).filter((path) => !path.includes("/compare/")).map((path) => ["page", `/${path.replace(/index\.html$/, "")}`]) : Object.entries(kinds(site));

for (const site of ["sample", "own", "fixture", "kept", "languages", "basecamp"].filter(has)) {
  describe(`axe: ${site}`, () => {
    let server, browser;
    before(async () => {
      server = await serve(site);
      browser = await open();
      const { redirect } = kinds(site);
      if (redirect) await stay(browser.page, server.home + redirect.slice(1));
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });
    for (const [kind, url] of addresses(site)) {
      test(`${kind}: ${url}`, async () => {
        const { page } = browser;
        for (const size of [phone, desktop]) {
          await page.setViewportSize(size);
          await page.goto(server.home + url.slice(1));
          // Folded parts are part of the page.
          await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
          await page.evaluate(axe);
          for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme });
            // In the dark colours differ, and nothing else does.
            const options = colorScheme === "light" ? { rules: { "target-size": { enabled: true } } } : { runOnly: ["color-contrast", "link-in-text-block"] };
            const { violations, passes } = await page.evaluate((options) => globalThis.axe.run(document, options), options);
            assert.ok(passes.length > (colorScheme === "light" ? 10 : 0), "axe ran hardly any rule");
            assert.deepEqual(
              violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`)),
              [], `${colorScheme}, ${size.width} px`);
          }
        }
      });
    }
  });
}

test("the sites have every kind of page", () => {
  const found = ["fixture", "kept"].flatMap((site) => Object.keys(kinds(site)));
  assert.deepEqual([
    "changes of a policy in-force", "changes of a policy upcoming", "changes of a policy withdrawn",
    "changes of a right-to-left policy", "changes of the site", "home", "not found", "origins", "origins of a right-to-left policy",
    "policy in-force", "policy upcoming", "policy with a version to come", "policy withdrawn",
    "redirect", "right-to-left policy", "right-to-left snapshot",
    "snapshot carried", "snapshot in force", "snapshot never in force", "snapshot older than git", "snapshot past",
    "snapshot that cannot be rendered", "snapshot to come", "snapshot with a later statement", "snapshot with words withheld",
    "snapshot withheld", "versions that cannot be compared",
    "year of a policy's changes", "year of the site's changes",
  ].filter((kind) => !found.includes(kind)), []);
});
