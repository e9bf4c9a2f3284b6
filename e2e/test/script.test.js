// No page needs JavaScript, and with it the two conveniences work. No page
// asks another host for anything or writes to the console.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { open, phone, unseen, watch } from "../browser.js";
import { serve } from "../server.js";
import { kinds, manifest, redirects } from "../sites.js";

// hidden returns the texts and links of a page that a reader cannot see.
// It runs in the browser.
function hidden(unseen) {
  const out = [];
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const inFold = (element) => element.closest("details:not([open])") && !element.closest("summary");
  const onPurpose = (element) => element.closest(unseen);
  // A narrow screen's contents list only the upper level of the headings.
  const inText = (element) => element.closest(".contents .sub");
  // For paper only, since a browser's window has an address already.
  const onPaper = (element) => element.closest(".address");
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const { parentElement: element, data } = words.currentNode;
    if (!data.trim() || element.closest("script, style, svg") || inFold(element) || onPurpose(element) || inText(element) || onPaper(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    const { width, height } = range.getBoundingClientRect();
    if (!isSeen(element) || width === 0 || height === 0) out.push(data.trim().slice(0, 80));
  }
  for (const link of document.querySelectorAll("a[href]")) {
    if (inFold(link) || onPurpose(link) || inText(link)) continue;
    if (!isSeen(link) || link.getClientRects().length === 0) out.push(link.outerHTML.slice(0, 80));
  }
  for (const summary of document.querySelectorAll("summary")) {
    if (!isSeen(summary)) out.push(summary.outerHTML.slice(0, 80));
  }
  return out;
}

// collisions returns texts that are written over each other. It runs in the
// browser.
function collisions(unseen) {
  const boxes = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const { parentElement: element, data } = words.currentNode;
    if (!data.trim() || !element.checkVisibility() || element.closest("script, style") || element.closest(unseen)) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      if (right > left && bottom > top) boxes.push({ left, right, top, bottom, text: data.trim().slice(0, 40) });
    }
  }
  boxes.sort((a, b) => a.top - b.top);
  const out = [];
  boxes.forEach((a, i) => {
    for (let k = i + 1; k < boxes.length && boxes[k].top < a.bottom; k++) {
      const b = boxes[k];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - b.top;
      // Lines of a heading stand close, and may touch.
      if (wide > 2 && high > 0.35 * Math.min(a.bottom - a.top, b.bottom - b.top)) out.push(`${a.text} / ${b.text}`);
    }
  });
  return out;
}

for (const site of ["own", "fixture", "kept"]) {
  for (const javaScriptEnabled of [false, true]) {
    describe(`${site}, JavaScript ${javaScriptEnabled ? "on" : "off"}`, () => {
      let server, browser, wrong;
      before(async () => {
        server = await serve(site);
        browser = await open({ javaScriptEnabled, viewport: phone });
        wrong = await watch(browser.context, server.home);
      });
      after(async () => {
        await browser?.close();
        await server?.close();
      });
      for (const [kind, url] of Object.entries(kinds(site))) {
        test(`${kind}: ${url}`, async () => {
          const { page } = browser;
          wrong.length = 0;
          await page.goto(server.home + url.slice(1), { waitUntil: "load" });
          if (kind === "redirect") {
            const to = redirects(site).find(([from]) => from === encodeURI(url))[1];
            await page.waitForURL(server.home + to.slice(1), { timeout: 5000 });
          }
          assert.ok((await page.evaluate(() => document.body.innerText)).length > 200, "there is hardly any text");
          assert.deepEqual(await page.evaluate(hidden, unseen), [], "cannot be seen");
          assert.equal(await page.locator("h1").count(), 1, "one first heading");
          for (const width of [320, 390, 700, 1280]) {
            await page.setViewportSize({ width, height: 800 });
            assert.deepEqual(await page.evaluate(collisions, unseen), [], `written over each other at ${width} px`);
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `scrolls sideways at ${width} px`);
          }
          await page.setViewportSize(phone);
          assert.deepEqual(wrong, []);
        });
      }
    });
  }
}

describe("the script", () => {
  let server, browser, wrong;
  before(async () => {
    server = await serve("fixture");
    browser = await open();
    wrong = await watch(browser.context, server.home);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test("the date field leads to the version of that day, at both ends of its days", async () => {
    const { page } = browser;
    const policy = manifest("fixture").policies.find(({ id }) => id === "terms");
    const dayBefore = (day) => new Date(Date.parse(day) - 86400e3).toISOString().slice(0, 10);
    let jumps = 0;
    for (const { url, in_force } of policy.versions) {
      if (!in_force) continue;
      for (const day of [in_force.from, in_force.until && dayBefore(in_force.until)]) {
        if (!day) continue;
        await page.goto(`${server.home}terms/changes/`);
        await page.getByLabel("On the day").fill(day);
        await page.getByRole("button", { name: "Show the version" }).click();
        await page.waitForURL(server.home + url.slice(1), { timeout: 5000 });
        jumps++;
      }
    }
    assert.ok(jumps >= 4);
    await page.goto(`${server.home}terms/changes/`);
    await page.getByLabel("On the day").fill("2020-01-01");
    await page.getByLabel("On the day").press("Enter");
    await page.getByText("This record shows no version in force on that day.").waitFor({ timeout: 5000 });
    assert.equal(page.url(), `${server.home}terms/changes/`);
    assert.deepEqual(wrong, []);
  });

  test("the filter of the home page shows the policies that have every word", async () => {
    const { page } = browser;
    await page.goto(server.home);
    const shown = () => page.locator(".policies > li:visible > a").allTextContents();
    const all = await shown();
    assert.ok(all.length > 10);
    const field = page.getByLabel("Find a policy");
    await field.fill("SERVICE c");
    const some = await shown();
    assert.ok(some.includes("Terms of service C") && !some.includes("Cookies") && some.length < all.length, some.join());
    await field.fill("no such policy");
    assert.deepEqual(await shown(), []);
    await page.getByText(`0 of ${all.length} policies`).waitFor({ timeout: 5000 });
    await field.fill("");
    assert.deepEqual(await shown(), all);
    assert.deepEqual(wrong, []);
  });

  test("a redirect keeps the fragment of the address", async () => {
    const { page } = browser;
    await page.goto(`${server.home}tos/#notice`);
    await page.waitForURL(`${server.home}terms/#notice`, { timeout: 5000 });
  });

  test("the keyboard comes first to a link that skips to the text", async () => {
    const { page } = browser;
    await page.goto(`${server.home}privacy/`);
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to the main content" });
    assert.ok(await skip.evaluate((link) => link === document.activeElement && link.getBoundingClientRect().top >= 0));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest("main") !== null), "the next stop is in the text");
  });
});
