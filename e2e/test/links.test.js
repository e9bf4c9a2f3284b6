// Every link leads somewhere, every fragment to an element, and every page can
// be reached; at the root of a host and below a path.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SAXParser } from "parse5-sax-parser";
import { serve } from "../server.js";
import { baseURL, has, pages, read, redirects } from "../sites.js";

// What links of a page are: by element, the attributes that hold an address.
const addresses = { a: ["href"], link: ["href"], area: ["href"], img: ["src"], script: ["src"], source: ["src"], video: ["src", "poster"], audio: ["src"] };

// inspect returns the links of a page and the ids in it. They stand in start
// tags, so that no tree has to be made of the page: large sites have gigabytes.
function inspect(html) {
  const links = [];
  const ids = new Set();
  const parser = new SAXParser();
  parser.on("startTag", ({ tagName, attrs }) => {
    const attributes = Object.fromEntries(attrs.map(({ name, value }) => [name, value]));
    if (attributes.id !== undefined) ids.add(attributes.id);
    for (const name of addresses[tagName] ?? []) {
      if (attributes[name] !== undefined) links.push(attributes[name]);
    }
    if (tagName === "meta" && attributes["http-equiv"]?.toLowerCase() === "refresh") links.push(attributes.content.replace(/^.*?url=/i, ""));
  });
  parser.end(html);
  return { links, ids };
}

// crawl follows every link from some pages on, and returns the paths of the
// pages it came to and what is wrong. Links to the site's whole address count
// as links of its own.
async function crawl(home, from, whole) {
  const seen = new Map(); // address → what fetch got: ids of a page, or nothing
  const queue = from.map((path) => new URL(path, home).href);
  const fragments = []; // to be looked up once all pages are known
  const wrong = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    const response = await fetch(next);
    const isPage = response.headers.get("content-type")?.startsWith("text/html");
    if (!isPage) {
      await response.arrayBuffer();
      seen.set(next, new Set());
      if (!response.ok) wrong.push(`${response.status}: ${next}`);
      continue;
    }
    const { links, ids } = inspect(await response.text());
    seen.set(next, ids);
    if (response.redirected) {
      wrong.push(`${next} is answered with a redirect to ${response.url}: the link lacks a "/"`);
      continue;
    }
    if (!response.ok && !next.endsWith("/404.html")) {
      wrong.push(`${response.status}: ${next}`);
      continue;
    }
    for (const link of links) {
      let to;
      try {
        to = new URL(whole && link.startsWith(whole) ? home + link.slice(whole.length) : link, next);
      } catch {
        // What a text says of another host is its author's.
        if (!/^https?:\/\//i.test(link)) wrong.push(`${next}: not an address: ${link}`);
        continue;
      }
      if (to.origin !== new URL(home).origin) continue;
      if (!to.href.startsWith(home)) {
        wrong.push(`${next}: leaves the site: ${link}`);
        continue;
      }
      const fragment = decodeURIComponent(to.hash.slice(1));
      to.hash = "";
      if (fragment && fragment !== "top") fragments.push([next, to.href, fragment]);
      if (!seen.has(to.href)) queue.push(to.href);
    }
  }
  for (const [page, to, fragment] of fragments) {
    if (!seen.get(to)?.has(fragment)) wrong.push(`${page}: nothing has the id ${JSON.stringify(fragment)} in ${to}`);
  }
  const reached = new Set([...seen.keys()].map((url) => decodeURI(url.slice(home.length)).replace(/(^|\/)$/, "$1index.html")));
  return { reached, wrong };
}

// Pages that stand where a redline would, and say why there is none.
const uncompared = (site) => pages(site).filter((path) => /\/\d{4}-\d{2}-\d{2}(-\d+)?\/changes\/index\.html$/.test(path) && !read(site, path).includes("data-redline"));

// Pages that nothing has to link to.
const apart = (site) => new Set(["404.html", ...uncompared(site), ...redirects(site).map(([from]) => decodeURI(from.slice(1)) + (from.endsWith("/") ? "index.html" : ""))]);

describe("links", () => {
  for (const [site, below] of [["sample", "/"], ["own", "/"], ["own", "/a/b/"], ["fixture", "/"], ["fixture", "/über/"], ["kept", "/"], ["basecamp", "/"], ["pga", "/"]]) {
    test(`${site} at ${below}`, { skip: !has(site) }, async () => {
      const server = await serve(site, encodeURI(below));
      try {
        // At the root of a host 404.html links to the same pages; below a path
        // it can do so only where the site knows its address.
        const starts = ["./", ...redirects(site).map(([from]) => from.slice(1)), ...uncompared(site).map((path) => encodeURI(path.slice(0, -"index.html".length))), ...(below === "/" ? ["404.html"] : [])];
        const { reached, wrong } = await crawl(server.home, starts);
        assert.deepEqual(wrong.slice(0, 50), []);
        const free = apart(site);
        assert.deepEqual(pages(site).filter((path) => !reached.has(path) && !free.has(path)), [], "pages that no link leads to");
      } finally {
        await server.close();
      }
    });
  }

  test("a site that knows its address, below its path", async () => {
    const site = "fixture-with-base";
    const server = await serve(site, new URL(baseURL).pathname);
    try {
      const starts = ["./", ...redirects(site).map(([from]) => from.slice(new URL(baseURL).pathname.length))];
      const { reached, wrong } = await crawl(server.home, starts, baseURL);
      assert.deepEqual(wrong, []);
      assert.ok(reached.size > 100);

      // A missing page deep in the site shows 404.html, whose links still work.
      const missing = await fetch(new URL("privacy/1999-01-01/no/such/", server.home));
      assert.equal(missing.status, 404);
      const { links } = inspect(await missing.text());
      assert.ok(links.length > 10);
      for (const link of links) {
        if (link.startsWith("#")) continue; // on 404.html itself, wherever it is shown
        const to = new URL(link.startsWith(baseURL) ? server.home + link.slice(baseURL.length) : link, missing.url);
        assert.equal((await fetch(to)).status, 200, link);
      }

      const sitemap = [...read(site, "sitemap.xml").matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => url);
      assert.ok(sitemap.length > 10);
      for (const url of sitemap) {
        assert.ok(url.startsWith(baseURL), url);
        assert.equal((await fetch(server.home + url.slice(baseURL.length))).status, 200, url);
      }
    } finally {
      await server.close();
    }
  });

  test("a redirect leads to the page that moved, sources included", async () => {
    const server = await serve("fixture");
    try {
      const moved = redirects("fixture");
      assert.ok(moved.some(([from, to]) => from === "/tos/" && to === "/terms/"), "the fixture's policy moved from tos.md");
      for (const [from, to] of moved) {
        const page = new URL(from.slice(1), server.home).href;
        const { links } = inspect(await (await fetch(page)).text());
        assert.ok(links.some((link) => new URL(link, page).pathname === to), `${from} does not lead to ${to}`);
        if (/\d{4}-\d{2}-\d{2}(-\d+)?\/$/.test(from)) {
          const [old, now] = await Promise.all([page, new URL(to.slice(1), server.home).href].map(async (url) => (await fetch(`${url}index.md`)).text()));
          assert.equal(old, now);
        }
      }
    } finally {
      await server.close();
    }
  });
});
