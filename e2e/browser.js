// Chromium, as quiet as it can be made: nothing but the pages opens a
// connection.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => path && existsSync(path));

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 900 };

// What is not meant to be seen, or not yet: the link that skips to the text
// comes into view with the keyboard, a permalink with the pointer; the rest is
// for screen readers.
export const unseen = ".skip, .permalink, .hidden, .titled > h1:first-child";

// open starts a browser with a new user folder. Options are those of a context
// of Playwright; close ends the browser and removes the folder.
export async function open(options = {}) {
  if (!executablePath) throw new Error("no Chromium found: install it, or name its program in the variable CHROMIUM");
  const profile = mkdtempSync(join(tmpdir(), "policysite-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath, headless: true, args: flags, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce", viewport: desktop, ...options,
  });
  return {
    context,
    page: context.pages()[0] ?? await context.newPage(),
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

// watch notes everything that a page must not do: what it writes to the console
// as an error, exceptions, failed requests, and requests to other hosts, which
// it also stops.
export async function watch(context, home) {
  const wrong = [];
  const { origin } = new URL(home);
  await context.route((url) => url.origin !== origin && url.protocol !== "data:", (route) => {
    wrong.push(`requests ${route.request().url()}`);
    return route.abort();
  });
  context.on("console", (message) => { if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`); });
  context.on("weberror", (error) => wrong.push(`exception: ${error.error()}`));
  context.on("response", (response) => { if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`); });
  return wrong;
}

// stay makes a page that leads on to another one stay where it is, as in a
// browser whose user has switched that off.
export async function stay(page, address) {
  const refresh = /<meta http-equiv="?refresh"?[^>]*>/;
  await page.route(address, async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    if (!refresh.test(html)) throw new Error(`${address} does not lead on`);
    await route.fulfill({ response, body: html.replace(refresh, "") });
  });
}
