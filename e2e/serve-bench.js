// How long it takes from saving a file to the browser showing it, on a real
// repository: policysite serve, a copy of the repository, and Chromium.
//
//   node serve-bench.js [REPOSITORY OR BUNDLE] [EDITS]
//
// It prints the time and its parts: until the save was noticed and came to rest,
// until the site was made anew, until the page had it. A cold build of the same
// repository, and the first home page, are there to compare with.

import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "./browser.js";
import { out, root } from "./sites.js";

const [, , source = join(root, "..", "shared", "corpora", "pga-versions.bundle"), edits = "20"] = process.argv;
const program = process.env.POLICYSITE ?? join(out, "policysite");
if (!existsSync(source)) {
  console.error(`there is no ${source}: name a repository or a bundle`);
  process.exit(2);
}

const from = mkdtempSync(join(tmpdir(), "policysite-bench-"));
const repository = join(from, "repository");
const env = { ...process.env, XDG_CACHE_HOME: join(from, "cache") };
const ms = (value) => `${value.toFixed(1)} ms`;
const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
let server, browser;

try {
  execFileSync("git", ["clone", "--quiet", source, repository]);
  let start = performance.now();
  execFileSync(program, ["build", "--quiet", "--source", repository, "--destination", join(from, "site")], { env });
  const cold = performance.now() - start;
  console.log(`cold build: ${ms(cold)}`);

  const loads = [];
  start = performance.now();
  const home = await new Promise((resolve, reject) => {
    server = spawn(program, ["serve", "--verbose", "--port", "0", "--source", repository], { env });
    server.stderr.on("data", (data) => {
      for (const [, waited, , built] of String(data).matchAll(/loaded: waited ([\d.]+(ms|s|µs)), built ([\d.]+(ms|s|µs))/g)) loads.push([waited, built]);
    });
    server.stdout.once("data", (data) => resolve(String(data).trim()));
    server.once("exit", (code) => reject(new Error(`serve ended with ${code}`)));
  });
  server.removeAllListeners("exit");
  console.log(`start until the address is printed: ${ms(performance.now() - start)}`);
  start = performance.now();
  const { policies } = await (await fetch(`${home}archive.json`)).json();
  console.log(`everything known, from nothing: ${ms(performance.now() - start)}`);
  const versions = policies.reduce((n, p) => n + p.versions.length, 0);
  console.log(`${policies.length} policies, ${versions} versions`);
  const policy = policies.filter((p) => p.status === "in-force").sort((a, b) => b.versions.length - a.versions.length)[0];

  browser = await open();
  const { page } = browser;
  await page.goto(home.slice(0, -1) + policy.url);
  const duration = (text) => parseFloat(text) * (text.endsWith("µs") ? 0.001 : text.endsWith("ms") ? 1 : 1000);
  const rows = [];
  for (let i = 0; i < Number(edits) + 1; i++) {
    const words = `Edit number ${i} of the measurement.`;
    const seen = page.evaluate((words) => new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        if (document.querySelector("[data-policy-text]")?.textContent.includes(words)) {
          observer.disconnect();
          resolve(Date.now());
        }
      }).observe(document.documentElement, { childList: true, subtree: true });
    }), words);
    await new Promise((resolve) => setTimeout(resolve, 700));
    loads.length = 0;
    const saved = Date.now();
    appendFileSync(join(repository, policy.path), `\n${words}\n`);
    const total = (await seen) - saved;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [waited, built] = loads[0].map(duration);
    if (i > 0) rows.push([total, waited, built, total - waited - built]); // the first is of another kind: there was no draft
  }
  const column = (k) => rows.map((row) => row[k]).sort((a, b) => a - b);
  for (const [name, k] of [["save to DOM", 0], ["  watch (100 ms of it are the quiet that ends a save)", 1], ["  build", 2], ["  send, render the page, exchange it", 3]]) {
    console.log(`${name}: median ${ms(at(column(k), 0.5))}, p95 ${ms(at(column(k), 0.95))}`);
  }
  console.log(`build part: ${(100 * at(column(2), 0.5) / cold).toFixed(2)} % of a cold build`);
} finally {
  await browser?.close();
  server?.kill("SIGINT");
  rmSync(from, { recursive: true, force: true, maxRetries: 5 });
}
