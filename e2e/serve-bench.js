// How long it takes from saving a file to the browser showing it, on a real
// repository: policysite serve, a copy of the repository, and Chromium.
//
//   node serve-bench.js [REPOSITORY OR BUNDLE] [SAVES]
//
// Texts, front matter, layouts, style sheets and the configuration are saved by
// turns. It prints the time and its parts: until the save was noticed and came to
// rest, until the site was made anew, until the page had it. A cold build of the
// same repository, and the first home page, are there to compare with.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "./browser.js";
import { out, root } from "./sites.js";

const [, , source = join(root, "..", "shared", "corpora", "pga-versions.bundle"), edits = "60"] = process.argv;
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
      for (const [, waited, , built] of String(data).matchAll(/waited ([\d.]+(ms|s|µs)), built ([\d.]+(ms|s|µs))/g)) loads.push([waited, built]);
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
  const text = readFileSync(join(repository, policy.path), "utf8").replace(/^description:.*\n/m, "");
  const front = text.startsWith("---\n") ? text.slice(4) : `---\n${text}`; // what stands below another key
  // Each kind of save: the file, what it says after save i, and whether the page has it.
  const kinds = [
    ["text", policy.path, (i) => `${text}\nSave ${i} of the measurement.\n`, (i) => document.querySelector("[data-policy-text]")?.textContent.includes(`Save ${i} of the measurement.`)],
    ["front matter", policy.path, (i) => `---\ndescription: Save ${i}\n${front}`, (i) => document.querySelector('meta[name="description"]')?.content === `Save ${i}`],
    ["layout", "layouts/partials/footer.html", (i) => `<footer>Save ${i} of the layout</footer>`, (i) => document.body.textContent.includes(`Save ${i} of the layout`)],
    ["style sheet", "layouts/style.css", (i) => `body { --save: ${i} }\n`, (i) => getComputedStyle(document.body).getPropertyValue("--save") === String(i)],
    ["configuration", "policysite.yaml", (i) => `title: Save ${i}\n`, (i) => document.title.includes(`Save ${i}`)],
  ];
  mkdirSync(join(repository, "layouts", "partials"), { recursive: true });
  const used = () => readFileSync(`/proc/${server.pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).reduce((sum, ticks) => sum + ticks * 10, 0);
  const rows = [];
  for (let i = 0; i < Number(edits) + kinds.length; i++) {
    const [kind, file, content, arrived] = kinds[i % kinds.length];
    await new Promise((resolve) => setTimeout(resolve, 300));
    const seen = page.evaluate(async ([arrived, i]) => {
      const is = new Function(`return ${arrived}`)();
      while (!is(i)) await new Promise(requestAnimationFrame);
      return Date.now();
    }, [String(arrived), i]);
    loads.length = 0;
    const before = used();
    const saved = Date.now();
    writeFileSync(join(repository, file), content(i));
    const total = (await seen) - saved;
    while (!loads.length) await new Promise((resolve) => setTimeout(resolve, 10));
    const [waited, built] = loads[0].map(duration);
    if (i >= kinds.length) rows.push({ kind, total, waited, built, rest: total - waited - built, cpu: used() - before }); // the first of each kind brings a file
  }
  const line = (name, part, of = rows) => {
    const sorted = of.map((row) => row[part]).sort((a, b) => a - b);
    console.log(`${name}: median ${ms(at(sorted, 0.5))}, p95 ${ms(at(sorted, 0.95))}`);
  };
  line("save to page", "total");
  line("  watch (60 ms of it are the quiet that ends a save)", "waited");
  line("  build", "built");
  line("  send, render the page, exchange it", "rest");
  line("  processor time of the server, all work in the background included", "cpu");
  for (const [kind] of kinds) line(`  ${kind}`, "total", rows.filter((row) => row.kind === kind));
  console.log(`within 250 ms: ${(100 * rows.filter((row) => row.total <= 250).length / rows.length).toFixed(0)} % of ${rows.length} saves`);
} finally {
  await browser?.close();
  server?.kill("SIGINT");
  rmSync(from, { recursive: true, force: true, maxRetries: 5 });
}
