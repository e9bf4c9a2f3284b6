// A policy in Arabic: written from right to left, nothing of it cut off, its
// letters joined.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { desktop, open, phone, unseen } from "../browser.js";
import { serve } from "../server.js";
import { kinds } from "../sites.js";

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
