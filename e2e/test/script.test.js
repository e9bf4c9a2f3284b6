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
    if (!data.trim() || element.closest("script, style, svg, option") || inFold(element) || onPurpose(element) || inText(element) || onPaper(element)) continue;
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
    if (!data.trim() || !element.checkVisibility() || element.closest("script, style, svg, option") || element.closest(unseen)) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    for (let { left, right, top, bottom } of range.getClientRects()) {
      for (let around = element; around; around = around.parentElement) { // what it stands in may hide a part of it
        if (getComputedStyle(around).overflow === "visible") continue;
        const box = around.getBoundingClientRect();
        [left, right, top, bottom] = [Math.max(left, box.left), Math.min(right, box.right), Math.max(top, box.top), Math.min(bottom, box.bottom)];
      }
      if (bottom > top && right > left && bottom > top) boxes.push({ left, right, top, bottom, node: words.currentNode, text: data.trim().slice(0, 40) });
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
      if (a.node !== b.node && wide > 2 && high > 0.35 * Math.min(a.bottom - a.top, b.bottom - b.top)) out.push(`${a.text} / ${b.text}`);
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
        await page.getByLabel("Find the version for a date").fill(day);
        await page.getByRole("button", { name: "Show" }).click();
        await page.waitForURL(server.home + url.slice(1), { timeout: 5000 });
        jumps++;
      }
    }
    assert.ok(jumps >= 4);
    await page.goto(`${server.home}terms/changes/`);
    await page.getByLabel("Find the version for a date").fill("2020-01-01");
    await page.getByLabel("Find the version for a date").press("Enter");
    await page.getByText("No version was in force on that day.").waitFor({ timeout: 5000 });
    assert.equal(page.url(), `${server.home}terms/changes/`);
    assert.deepEqual(wrong, []);
  });

  test("the date field of a policy and of a snapshot leads to the version of that day", async () => {
    const { page } = browser;
    const { versions } = manifest("fixture").policies.find(({ id }) => id === "terms");
    for (const from of ["terms/", `terms/${versions[0].id}/`]) {
      await page.goto(server.home + from);
      await page.getByLabel("Find the version for a date").fill(versions[1].in_force.from);
      await page.getByRole("button", { name: "Show" }).click();
      await page.waitForURL(server.home + versions[1].url.slice(1), { timeout: 5000 });
    }
    assert.deepEqual(wrong, []);
  });

  test("the filter of an archive shows the changes that have every word, of one policy, and material ones", async () => {
    const { page } = browser;
    await page.goto(`${server.home}changes/`);
    const shown = () => page.locator(".change:visible").allTextContents();
    const all = await shown();
    assert.ok(all.length > 10);
    const words = page.getByLabel("Words");
    await words.fill("terms SERVICE c");
    const some = await shown();
    assert.ok(some.some((text) => text.includes("Terms of service C")) && some.length < all.length, some.join());
    await page.getByText(`${some.length} of ${all.length}`).waitFor({ timeout: 5000 });
    await words.fill("");
    await page.getByLabel("Policy").selectOption("Terms of service C");
    assert.equal((await shown()).length, 1);
    await page.getByLabel("Policy").selectOption("");
    await page.getByLabel("Material only").check();
    const material = await shown();
    assert.ok(material.length > 0 && material.every((text) => text.includes("Material change")));
    await page.getByLabel("Material only").uncheck();
    assert.deepEqual(await shown(), all);
    assert.deepEqual(wrong, []);
  });

  test("a redline is shown side by side, and copied as text", async () => {
    const { page } = browser;
    const { versions } = manifest("fixture").policies.find(({ id }) => id === "terms");
    await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(`${server.home}terms/${versions[1].id}/changes/`);
    await page.getByRole("button", { name: "Side by side" }).click();
    const [left, right] = [page.locator(".both > div:nth-child(odd)"), page.locator(".both > div:nth-child(even)")];
    const [old, now] = [(await left.allTextContents()).join(" "), (await right.allTextContents()).join(" ")];
    assert.ok(old.includes("You pay") && old.includes("1") && !/\b2\b/.test(old.replace(/Edit.*?\d of \d/g, "")), old);
    assert.ok(/\b2\b/.test(now), now);
    await page.getByRole("button", { name: "In one text" }).click();
    assert.ok(await page.locator("[data-redline]").isVisible());
    await page.getByRole("button", { name: "Copy as text" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor({ timeout: 5000 });
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\[-1-\]\s*\{\+2\+\} euro/);
    assert.deepEqual(wrong, []);
  });

  test("a passage gives the dated address of its own, to the pointer and to the keyboard", async () => {
    const { page } = browser;
    const policy = manifest("fixture").policies.find(({ id }) => id === "privacy");
    await page.goto(`${server.home}privacy/`);
    const cite = page.getByRole("button", { name: "Copy a link to this passage" });
    const passage = page.locator("[data-policy-text] p[id]").filter({ hasText: "Only those who need it" });
    await passage.hover();
    await cite.click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, `${server.home}privacy/${policy.current}/#${await passage.getAttribute("id")}`);
    const { tabs, focused } = await page.evaluate(() => {
      const passages = [...document.querySelectorAll('[data-policy-text] [id^="~"]')];
      passages[0].focus();
      return { tabs: passages.filter(({ tabIndex }) => tabIndex === 0).length, focused: document.activeElement.id };
    });
    assert.equal(tabs, 1, "the passages are one stop of the keyboard");
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await page.evaluate(() => document.activeElement.id), focused);
    await page.goto(copied);
    assert.ok(await page.locator(":target").isVisible());
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
