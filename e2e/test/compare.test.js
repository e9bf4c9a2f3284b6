// The comparison in the browser is that of the program, to the byte, and what a page
// may load allows it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { open } from "../browser.js";
import { serve } from "../server.js";
import { folder, has, manifest, out, read } from "../sites.js";

const program = join(out, process.platform === "win32" ? "policysite.exe" : "policysite");

// redline is what the program prints for two files.
function redline(...files) {
  const page = execFileSync(program, ["redline", ...files], { encoding: "utf8", maxBuffer: 1 << 28 });
  const [, html] = page.match(/ data-redline dir="?auto"?>\n([^]*)\n<\/div>\n<\/div>\n<\/main>/) ?? assert.fail(page.slice(-500));
  return html;
}

// comparable are the addresses of sources that a reader can choose on the page of a policy.
const comparable = ({ versions }) => versions.filter(({ error, redacted }) => !error && !redacted).map(({ source_url }) => decodeURI(source_url).slice(1));

// pairs are a number of pairs of versions: neighbours, and some far apart, from all policies.
function pairs(site, most) {
  const all = [];
  for (const policy of manifest(site).policies) {
    const sources = comparable(policy);
    sources.forEach((source, i) => {
      if (i > 0) all.push([sources[i - 1], source]);
      if (i > 2) all.push([source, sources[(i * 7919) % i]]);
    });
  }
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, i) => all[Math.floor(i * step)]);
}

describe("comparison in the browser", () => {
  const browsers = {};
  after(async () => {
    for (const { browser, server } of Object.values(browsers)) {
      await browser.close();
      await server.close();
    }
  });
  async function on(site, options) {
    const server = await serve(site);
    const browser = await open(options);
    browsers[site + Object.keys(browsers).length] = { server, browser };
    await browser.context.addInitScript(() => {
      window.violations = [];
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));
    });
    return { page: browser.page, home: server.home };
  }

  for (const [site, most] of [["basecamp", 120], ["psf", 80], ["fixture", 20]]) {
    test(`equals the program's on ${site}`, { skip: !has(site) && "the corpus is not beside the checkout" }, async () => {
      const { page, home } = await on(site);
      await page.goto(`${home}compare/`);
      const chosen = pairs(site, most);
      assert.ok(chosen.length >= Math.min(most, 20), `${chosen.length} pairs`);
      for (const [i, [old, text]] of chosen.entries()) {
        const answer = await page.evaluate(async ([home, old, text]) => {
          const { dataset } = document.querySelector("[data-compare]");
          window.comparison ??= new Worker(dataset.worker);
          const read = async (name) => ({ name, bytes: new Uint8Array(await (await fetch(home + encodeURI(name))).arrayBuffer()) });
          const message = { id: old + text, module: new URL(dataset.module, location.href).href, words: new URL(dataset.words, location.href).href, old: await read(old), text: await read(text) };
          return new Promise((resolve) => {
            window.comparison.onmessage = ({ data }) => resolve(data);
            window.comparison.postMessage(message);
          });
        }, [home, old, text]);
        assert.equal(answer.error, undefined, `${old} → ${text}`);
        assert.equal(answer.html, redline(join(folder(site), old), join(folder(site), text)), `pair ${i}: ${old} → ${text}`);
      }
      assert.deepEqual(await page.evaluate(() => window.violations), []);
    });
  }

  test("a reader chooses two versions, and can share the address", async () => {
    const { page, home } = await on("fixture");
    const policy = manifest("fixture").policies.find((p) => p.status === "in-force" && p.lang === "en" && comparable(p).length > 2);
    const [first, second] = policy.versions.filter(({ error, redacted }) => !error && !redacted);
    await page.goto(`${home}${policy.url.slice(1)}compare/`);
    await page.locator("[name=old]").selectOption(first.id);
    await page.locator("[name=new]").selectOption(second.id);
    await page.getByRole("button", { name: "Compare" }).click();
    const shown = page.locator("[data-redline] > *").first();
    await shown.waitFor();
    assert.match(await page.getByRole("status").textContent(), /\d+ edits?: \+\d+ words? −\d+ words?|do not differ/);
    assert.equal(new URL(page.url()).hash, `#${first.id}..${second.id}`);
    const html = await page.locator("[data-redline]").innerHTML();
    await page.goto("about:blank");
    await page.goto(`${home}${policy.url.slice(1)}compare/#${first.id}..${second.id}`);
    await shown.waitFor();
    assert.equal(await page.locator("[data-redline]").innerHTML(), html);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
  });

  test("what is said beside the text is in the language of the page", async () => {
    const { page, home } = await on("languages");
    const policy = manifest("languages").policies.find(({ lang }) => lang === "ar");
    const [first, , last] = policy.versions;
    await page.goto(`${home}${policy.url.slice(1)}compare/#${first.id}..${last.id}`);
    const note = page.locator("[data-redline] [data-note]").first();
    await note.waitFor();
    assert.deepEqual(await note.evaluate(({ lang, dir, textContent }) => [lang, dir, /\p{Script=Arabic}/u.test(textContent)]), ["ar", "rtl", true]);
    assert.match(await page.getByRole("status").textContent(), /\p{Script=Arabic}/u);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
  });

  test("two files of the reader's are compared, and not sent anywhere", async () => {
    const { page, home } = await on("fixture");
    const [old, text] = ["old.md", "new.md"].map((name) => join(out, name));
    writeFileSync(old, "# Terms\n\nWe keep logs for 30 days.\n");
    writeFileSync(text, "# Terms\n\nWe keep logs for 60 days.\n");
    await page.goto(`${home}compare/`);
    await page.locator("[name=old]").setInputFiles(old);
    await page.locator("[name=new]").setInputFiles(text);
    const asked = [];
    page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
    await page.getByRole("button", { name: "Compare" }).click();
    await page.locator("[data-redline] ins").waitFor();
    assert.equal(await page.locator("[data-redline] ins").textContent(), await page.evaluate((html) => {
      const there = document.createElement("div");
      there.innerHTML = html;
      return there.querySelector("ins").textContent;
    }, redline(old, text)));
    assert.ok(asked.every((request) => request.startsWith(`GET ${home}compare/`)), asked.join("\n"));
    writeFileSync(text, Buffer.from([0x61, 0xff, 0x62])); // is not UTF-8
    await page.locator("[name=new]").setInputFiles(text);
    await page.getByRole("button", { name: "Compare" }).click();
    await page.getByText("The comparison did not work.").waitFor();
    assert.match(await page.getByRole("status").textContent(), /new\.md/);
  });

  test("what is withheld is not offered", () => {
    let withheld = 0;
    for (const { site, url, versions } of ["own", "kept"].flatMap((site) => manifest(site).policies.map((policy) => ({ site, ...policy })))) {
      const page = read(site, `${decodeURI(url).slice(1)}compare/index.html`);
      for (const { id, redacted, error } of versions) {
        const item = page.match(new RegExp(`<li[^>]*data-version="?${id}"?[ >][^>]*>`))?.[0] ?? assert.fail(`${url} lacks ${id}`);
        assert.equal(item.includes("data-source"), !redacted && !error, item);
        withheld += redacted;
      }
    }
    assert.ok(withheld > 0);
  });

  test("without JavaScript or WebAssembly the page leads on", async () => {
    const { page, home } = await on("fixture", { javaScriptEnabled: false });
    const policy = manifest("fixture").policies.find((p) => p.status === "in-force" && p.versions.length > 3);
    await page.goto(`${home}${policy.url.slice(1)}compare/`);
    assert.ok(await page.locator('main a[href*="changes/"]').count() > 1);
    const other = await on("fixture");
    await other.page.addInitScript(() => { delete window.Worker; });
    const [a, b] = comparable(policy).slice(-2).map((source) => source.split("/").at(-2));
    await other.page.goto(`${other.home}${policy.url.slice(1)}compare/#${a}..${b}`);
    await other.page.getByText("The comparison did not work.").waitFor();
    assert.ok(await other.page.locator('main a[href*="changes/"]').count() > 1);
  });
});
