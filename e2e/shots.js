// Pictures of every kind of page, for people to look at:
//
//	npm run shots -- FOLDER [SITE…]
//
// Sites are those of build.js; without any it takes "own" and "fixture".

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { desktop, open, phone, stay } from "./browser.js";
import { serve } from "./server.js";
import { has, kinds } from "./sites.js";

const [to, ...names] = process.argv.slice(2);
if (!to) {
  console.error("usage: npm run shots -- FOLDER [SITE…]");
  process.exit(2);
}
const sites = names.length > 0 ? names : ["own", "fixture"];
const missing = sites.filter((site) => !has(site));
if (missing.length > 0) {
  console.error(`not built: ${missing.join(", ")}\nhint: node build.js`);
  process.exit(2);
}
const folder = resolve(process.env.INIT_CWD ?? ".", to);
mkdirSync(folder, { recursive: true });
const browser = await open();
for (const site of sites) {
  const server = await serve(site);
  const { redirect } = kinds(site);
  if (redirect) await stay(browser.page, server.home + redirect.slice(1));
  for (const [kind, url] of Object.entries(kinds(site))) {
    for (const size of [phone, desktop]) {
      for (const colorScheme of ["light", "dark"]) {
        const { page } = browser;
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        await page.goto(server.home + url.slice(1));
        const name = [site, kind.replaceAll(/[^a-z]+/g, "-"), size.width, colorScheme].join("_");
        // A picture of a whole page that is very long cannot be looked at.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, clip: { x: 0, y: 0, width: size.width, height: Math.min(height, 3000) } });
      }
    }
  }
  await server.close();
}
await browser.close();
