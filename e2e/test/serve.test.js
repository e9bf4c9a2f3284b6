// The preview in a browser: the program itself serves a repository that the
// tests work in.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { open } from "../browser.js";
import { out } from "../sites.js";

const program = process.env.POLICYSITE ?? join(out, process.platform === "win32" ? "policysite.exe" : "policysite");

const sections = Array.from({ length: 60 }, (_, i) => `## Section ${i + 1}\n\nWhat section ${i + 1} says.\n`).join("\n");
const privacy = (days) => `---\ntitle: Privacy\nlast-updated: 2024-01-01\n---\n\n# Privacy\n\nWe keep logs for ${days} days.\n\n${sections}`;

describe("serve", () => {
  let dir, server, home, browser, page, from;

  const file = (name) => join(dir, name);
  const git = (...args) => execFileSync("git", ["-C", dir, "-c", "user.name=E", "-c", "user.email=e@example.com", ...args], { stdio: "pipe" });
  const commit = (message) => { git("add", "--all"); git("commit", "--quiet", "--message", message); };
  const text = () => page.locator("[data-policy-text], [data-redline]").first();
  const says = (words, where = text()) => where.filter({ hasText: words }).waitFor({ timeout: 5000 });
  // here notes that the page is the one that was opened: another page, or the
  // same one loaded again, does not have the mark.
  const mark = () => page.evaluate(() => { window.mark = true; });
  const marked = () => page.evaluate(() => window.mark === true);

  const start = (...flags) => new Promise((resolve, reject) => {
    const child = spawn(program, ["serve", "--port", "0", "--source", dir, "--at", "2026-11-22", ...flags], { env: { ...process.env, XDG_CACHE_HOME: join(from, "cache") } });
    let said = "";
    child.stderr.on("data", (data) => { said += data; });
    child.stdout.once("data", (data) => resolve({ child, home: String(data).trim() }));
    child.once("exit", (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
  });
  const stop = ({ child }) => new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.once("exit", resolve);
    child.kill("SIGINT");
  });

  before(async () => {
    from = mkdtempSync(join(tmpdir(), "policysite-serve-"));
    dir = join(from, "repository");
    mkdirSync(file("content"), { recursive: true });
    git("init", "--quiet", "--initial-branch=main");
    writeFileSync(file("content/privacy.md"), privacy(30));
    writeFileSync(file("content/terms.md"), "# Terms\n\nPay.\n");
    commit("First");
    writeFileSync(file("content/privacy.md"), privacy(20));
    commit("Second");
    server = await start();
    home = server.home;
    browser = await open();
    page = browser.page;
  });
  after(async () => {
    await browser?.close();
    if (server) assert.equal(await stop(server), 0, "it stops as it should");
    rmSync(from, { recursive: true, force: true });
  });
  beforeEach(async () => {
    git("checkout", "--quiet", "--force", "main");
    git("clean", "--quiet", "-d", "--force");
  });

  test("an edit is on the page without a navigation, where the reader was", async () => {
    await page.goto(`${home}privacy/`);
    await says("logs for 20 days");
    await mark();
    const before = await page.evaluate(() => {
      document.body.append(Object.assign(document.createElement("details"), { innerHTML: "<summary>Not of the page</summary>x" }));
      window.scrollTo(0, 1500);
      return window.scrollY;
    });
    assert.ok(before > 1000, "the page can be scrolled");
    writeFileSync(file("content/privacy.md"), privacy(10));
    await says("logs for 10 days");
    assert.equal(await page.evaluate(() => window.scrollY), before);
    await page.getByText("Next version, not published.").first().waitFor();
    assert.ok(await marked());

    writeFileSync(file("content/privacy.md"), privacy(20));
    await says("logs for 20 days");
    assert.equal(await page.getByText("Next version, not published").count(), 0);
    assert.ok(await marked());
  });

  test("details stay open", async () => {
    writeFileSync(file("content/privacy.md"), privacy(20).replace("## Section 1\n", "## Section 1 \n\n**Bold.**\n"));
    commit("Formatting and words");
    writeFileSync(file("content/privacy.md"), privacy(20).replace("## Section 1\n", "## Section 1 \n\n*Bold.*\n"));
    commit("Formatting");
    await page.goto(`${home}privacy/changes/`);
    await mark();
    const details = page.locator("main details").first();
    await details.locator("summary").click();
    assert.ok(await details.evaluate((element) => element.open));
    writeFileSync(file("content/privacy.md"), privacy(7));
    await page.getByText("next version, not published").first().waitFor();
    assert.ok(await page.locator("main details").first().evaluate((element) => element.open));
    assert.ok(await marked());
  });

  test("an edit leaves other pages alone", async () => {
    await page.goto(`${home}terms/`);
    await page.evaluate(() => { window.refreshed = 0; window.addEventListener("policysite:refresh", () => { window.refreshed++; }); });
    const other = await browser.context.newPage();
    await other.goto(`${home}privacy/`);
    await page.bringToFront();
    writeFileSync(file("content/privacy.md"), privacy(9));
    await says("logs for 9 days", other.locator("[data-policy-text]"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await page.evaluate(() => window.refreshed), 0);
    await other.close();
  });

  test("an error stands over the page, and goes when it is mended", async () => {
    await page.goto(`${home}privacy/`);
    await mark();
    writeFileSync(file("content/privacy.md"), privacy(5).replace("2024-01-01", "January 1"));
    const alert = page.getByRole("alert");
    await alert.waitFor();
    const told = await alert.innerText();
    assert.match(told, /content\/privacy\.md:3/);
    assert.match(told, /January 1/);
    assert.match(told, /hint: /);
    assert.match(await text().innerText(), /logs for \d+ days/, "the last good page stays");
    assert.doesNotMatch(await text().innerText(), /logs for 5 days/);
    writeFileSync(file("content/privacy.md"), privacy(5));
    await says("logs for 5 days");
    assert.equal(await alert.count(), 0);
    assert.ok(await marked());
  });

  test("what the draft forgets is said quietly", async () => {
    await page.goto(`${home}privacy/`);
    writeFileSync(file("content/privacy.md"), privacy(4));
    const warnings = page.locator("policysite-preview details");
    await warnings.waitFor();
    await warnings.locator("summary").click();
    assert.match(await warnings.innerText(), /every declared date is as it was/);
    writeFileSync(file("content/privacy.md"), privacy(4).replace("2024-01-01", "2024-02-02"));
    await warnings.waitFor({ state: "detached" });
  });

  test("a commit makes a version of the draft", async () => {
    writeFileSync(file("content/privacy.md"), privacy(3));
    await page.goto(`${home}privacy/next/changes/`);
    await says("20");
    await page.goto(`${home}privacy/changes/`);
    await mark();
    await page.getByText("next version, not published").first().waitFor();
    commit("Third");
    await page.waitForFunction(() => !document.body.innerText.includes("next version, not published"));
    assert.ok(await marked());
    assert.equal((await page.goto(`${home}privacy/next/`)).status(), 404);
    await page.goto(`${home}privacy/`);
    await says("logs for 3 days");
    git("reset", "--quiet", "--hard", "HEAD~1");
    await says("logs for 20 days");
  });

  test("the content folder goes and returns", async () => {
    await page.goto(`${home}terms/`);
    await mark();
    renameSync(file("content"), file("away"));
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /content is gone/);
    renameSync(file("away"), file("content"));
    await page.getByRole("alert").waitFor({ state: "detached" });
    appendFileSync(file("content/terms.md"), "\nSoon.\n");
    await says("Soon.");
    assert.ok(await marked());
  });

  test("a style sheet is exchanged and the page stays", async () => {
    await page.goto(`${home}terms/`);
    await page.waitForFunction(() => !document.body.innerText.includes("Soon.")); // of the test before
    await page.reload();
    await mark();
    await page.evaluate(() => { window.refreshed = 0; window.addEventListener("policysite:refresh", () => { window.refreshed++; }); });
    mkdirSync(file("layouts"));
    writeFileSync(file("layouts/style.css"), "body { background: rgb(1, 2, 3) }");
    await page.waitForFunction(() => getComputedStyle(document.body).backgroundColor === "rgb(1, 2, 3)");
    assert.ok(await marked());
    assert.equal(await page.evaluate(() => window.refreshed), 0);
  });

  test("the site's own script still works after an edit", async () => {
    await page.goto(`${home}privacy/changes/`);
    await page.getByLabel("On the day").waitFor();
    writeFileSync(file("content/privacy.md"), privacy(2));
    await page.getByText("next version, not published").first().waitFor();
    assert.equal(await page.getByLabel("On the day").count(), 1);
  });

  test("with -N the browser goes to what changed", async () => {
    const other = await start("--navigateToChanged");
    try {
      await page.goto(other.home);
      writeFileSync(file("content/terms.md"), "# Terms\n\nPay more.\n");
      await page.waitForURL(`${other.home}terms/`);
      await says("Pay more.");
    } finally {
      assert.equal(await stop(other), 0);
    }
  });

  test("a busy port is named, and a free one", () => {
    const { port } = new URL(home);
    assert.throws(() => execFileSync(program, ["serve", "--port", port, "--source", dir], { stdio: "pipe" }), (error) => {
      assert.equal(error.status, 4);
      assert.match(String(error.stderr), new RegExp(`port ${port} is in use`));
      assert.match(String(error.stderr), /hint: port \d+ is free/);
      return true;
    });
  });

  test("no built page has the script", () => {
    execFileSync(program, ["build", "--quiet", "--source", dir, "--at", "2026-11-22"], { stdio: "pipe" });
    assert.doesNotMatch(readFileSync(file("public/privacy/index.html"), "utf8"), /\.policysite|not published/);
    rmSync(file("public"), { recursive: true });
  });
});
