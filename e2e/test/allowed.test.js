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
      await browser.page.goto(server.home + kinds(site)["changes of a policy in-force"].slice(1));
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

describe("files that texts link to, in serve", () => {
  let from, server, browser, page;
  const program = process.env.POLICYSITE ?? join(out, process.platform === "win32" ? "policysite.exe" : "policysite");
  // What a hostile file tries: to read the draft, and to leave what it has read.
  const script = `
    fetch("/privacy/next/").then((r) => r.text()).then((t) => { document.title = t.includes("draft words") ? "read" : "read nothing"; }, () => { document.title = "refused"; });
    document.documentElement.setAttribute("data-ran", "");
    localStorage.setItem("ran", "1");`;
  const files = {
    "content/privacy.md": "# Privacy policy\n\nSee [this](page.html), ![a](active.svg) and ![b](plain.svg).\n",
    "content/page.html": `<!DOCTYPE html><title>Page</title><p>A page</p><script>${script}</script>`,
    "content/active.svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>${script.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</script></svg>`,
    "content/plain.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>',
    "policysite.yaml": "html: trusted\n", // else no page is served at all
  };

  before(async () => {
    from = mkdtempSync(join(tmpdir(), "policysite-allowed-"));
    const git = (...args) => execFileSync("git", ["-C", from, "-c", "user.name=E", "-c", "user.email=e@example.com", ...args], { stdio: "pipe" });
    git("init", "--quiet");
    mkdirSync(join(from, "content"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(from, name), text);
    git("add", "--all");
    git("commit", "--quiet", "--message", "First");
    writeFileSync(join(from, "content/privacy.md"), files["content/privacy.md"] + "\nThese are draft words.\n");
    const child = spawn(program, ["serve", "--port", "0", "--source", from], { stdio: ["ignore", "pipe", "inherit"] });
    const home = await new Promise((resolve, reject) => {
      child.stdout.once("data", (data) => resolve(String(data).trim()));
      child.once("exit", (code) => reject(new Error(`serve ended with ${code}`)));
    });
    server = { child, home };
    browser = await open();
    page = browser.page;
  });
  after(async () => {
    await browser?.close();
    server?.child.kill();
    rmSync(from, { recursive: true, force: true });
  });

  test("the scripts of a page do not run, and cannot read the drafts", async () => {
    await page.goto(`${server.home}privacy/`);
    assert.match(await page.locator("[data-policy-text]").innerText(), /These are draft words/);
    const address = await page.getByRole("link", { name: "this", exact: true }).evaluate((link) => link.href);
    const response = await page.goto(address, { waitUntil: "load" });
    assert.equal(response.status(), 200);
    assert.equal(response.headers()["content-security-policy"], "sandbox");
    await page.waitForTimeout(300);
    assert.equal(await page.title(), "Page");
    assert.equal(await page.locator("html[data-ran]").count(), 0);
    // Even what is run in it by hand has another origin, to which the preview tells nothing.
    assert.equal(await page.evaluate(() => self.origin), "null");
    assert.equal(await page.evaluate(() => fetch("/privacy/next/").then(() => "read", () => "refused")), "refused");
    // The same file does run where nothing keeps it from it.
    await page.route(address, async (route) => {
      const answer = await route.fetch();
      const headers = answer.headers();
      delete headers["content-security-policy"];
      await route.fulfill({ response: answer, headers });
    });
    await page.goto(address, { waitUntil: "load" });
    await page.locator("html[data-ran]").waitFor({ state: "attached", timeout: 5000 });
    await page.unroute(address);
  });

  test("an SVG with a script is not there, and one without is an image and nothing more", async () => {
    await page.goto(`${server.home}privacy/`);
    const sources = await page.locator("[data-policy-text] img").evaluateAll((images) => images.map((image) => [image.src, image.naturalWidth]));
    assert.equal(sources.length, 1);
    assert.match(sources[0][0], /\/plain\.svg$/);
    assert.equal(sources[0][1], 40);
    const response = await page.goto(sources[0][0]);
    assert.equal(response.headers()["content-security-policy"], "sandbox");
    assert.equal(await page.evaluate(() => self.origin), "null");
    assert.equal(await page.evaluate(() => fetch("/privacy/next/").then(() => "read", () => "refused")), "refused");
  });
});
