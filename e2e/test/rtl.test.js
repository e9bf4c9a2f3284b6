// A policy in Arabic: written from right to left, nothing of it cut off, its
// letters joined.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { desktop, open, phone, unseen } from "../browser.js";
import { serve } from "../server.js";
import { kinds, pages } from "../sites.js";

// cut returns the pieces of text that stand outside the window or outside a
// box that hides what overflows it. It runs in the browser.
function cut(unseen) {
  const out = [];
  const words = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const { parentElement: element, data } = words.currentNode;
    if (!data.trim() || element.closest(unseen) || !element.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    for (const box of range.getClientRects()) {
      let left = 0, right = document.documentElement.clientWidth, top = -Infinity, bottom = Infinity;
      for (let around = element; around; around = around.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(around);
        const outer = around.getBoundingClientRect();
        if (["auto", "scroll"].includes(overflowX)) { // its reader can scroll
          left = right = null;
          break;
        }
        if (["hidden", "clip"].includes(overflowX)) [left, right] = [Math.max(left, outer.left), Math.min(right, outer.right)];
        if (["hidden", "clip"].includes(overflowY)) [top, bottom] = [Math.max(top, outer.top), Math.min(bottom, outer.bottom)];
      }
      if (left === null) continue;
      if (box.left < left - 1 || box.right > right + 1 || box.top < top - 1 || box.bottom > bottom + 1) out.push(data.trim().slice(0, 60));
    }
  }
  return out;
}

describe("right to left", () => {
  let server, browser;
  before(async () => {
    server = await serve("fixture");
    browser = await open();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  const { "right-to-left policy": policy, "right-to-left snapshot": snapshot, home } = kinds("fixture");

  for (const url of [policy, snapshot]) {
    for (const size of [phone, desktop]) {
      test(`${url} at ${size.width} px`, async () => {
        const { page } = browser;
        await page.setViewportSize(size);
        await page.goto(server.home + url.slice(1));
        const text = page.locator("[data-policy-text]");
        assert.equal(await text.getAttribute("lang"), "ar");
        assert.equal(await text.getAttribute("dir"), "rtl");
        for (const part of ["p", "h2", "li", "th"]) {
          const { textAlign, direction } = await text.locator(part).nth(1).evaluate((element) => {
            const style = getComputedStyle(element);
            return { textAlign: style.textAlign, direction: style.direction };
          });
          assert.equal(direction, "rtl", part);
          assert.ok(["start", "right"].includes(textAlign), `${part} is aligned ${textAlign}`);
        }
        // The first line of a paragraph ends at the right edge of its box.
        const gap = await text.locator("h2").first().evaluate((element) => {
          const range = document.createRange();
          range.selectNodeContents(element.firstChild);
          return element.getBoundingClientRect().right - range.getClientRects()[0].right;
        });
        assert.ok(Math.abs(gap) < 2, `a heading starts ${gap} px from the right`);
        assert.deepEqual(await page.evaluate(cut, unseen), [], "cut off");
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), "scrolls sideways");
      });
    }
  }

  // The frame of every page of an Arabic policy is in Arabic, and goes from right to left.
  test("the frame of pages", async () => {
    const inFour = await serve("languages");
    try {
      const { page } = browser;
      for (const path of pages("languages").filter((path) => path.startsWith("ar/"))) {
        for (const size of [phone, desktop]) {
          await page.setViewportSize(size);
          await page.goto(inFour.home + path.replace(/index\.html$/, ""));
          const found = await page.evaluate(() => {
            const box = (selector) => document.querySelector(selector)?.getBoundingClientRect();
            const text = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent).join(" ");
            const marks = [...document.querySelectorAll(".timeline rect")].map((mark) => mark.getBoundingClientRect().left);
            const [home, , here] = document.querySelectorAll(".crumbs li");
            return {
              dir: document.documentElement.dir,
              sideways: document.documentElement.scrollWidth > document.documentElement.clientWidth,
              title: box("h1").right - (box("main").right - parseFloat(getComputedStyle(document.querySelector("main")).paddingRight)),
              crumbs: !here || home.getBoundingClientRect().left > here.getBoundingClientRect().left,
              pager: !box(".prev") || !box(".next") || box(".prev").left > box(".next").left || box(".prev").top < box(".next").top,
              contents: !box(".contents") || innerWidth < 1000 || box(".contents").right < box(".body").left,
              years: marks.every((at, i) => i === 0 || at < marks[i - 1]), // the oldest first
              latin: text("header, .crumbs, .banner, .head, .pager, .contents > summary, .provenance dt, .edit-note, footer").match(/[A-Za-z]{4,}/g) ?? [],
            };
          });
          assert.equal(found.dir, "rtl", path);
          assert.ok(!found.sideways, `${path} scrolls sideways`);
          assert.ok(Math.abs(found.title) < 2, `${path}: the title ends ${found.title} px from the right`);
          for (const part of ["crumbs", "pager", "contents", "years"]) assert.ok(found[part], `${path}, ${size.width} px: ${part}`);
          const names = ["Example", "Works", "example", "English", "Bahasa", "Indonesia", "archive", "json", "policysite", "devel", "compare", "index", "Markdown", "markdown", "https", "policies", "privacy", "about", "this", "changes", "since", "origins", "Asia", "Jakarta"];
          assert.deepEqual(found.latin.filter((word) => !names.includes(word)), [], path);
        }
      }
    } finally {
      await inFour.close();
    }
  });

  test("no letter is set apart from the letter it is joined to", async () => {
    const { page } = browser;
    for (const url of [policy, snapshot, home]) {
      await page.goto(server.home + url.slice(1));
      const spaced = await page.evaluate(() => [...document.querySelectorAll("[lang=ar], [lang=ar] *")]
        .filter((element) => /\p{Script=Arabic}/u.test(element.textContent) && getComputedStyle(element).letterSpacing !== "normal")
        .map((element) => `${element.tagName}: ${getComputedStyle(element).letterSpacing}`));
      assert.deepEqual(spaced, [], url);
    }
  });
});
