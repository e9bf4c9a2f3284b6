// Makes the pictures of the README, of the site of this repository:
//
//	npm run readme
//
// redline.png shows a change as git prints it beside the redline of the same two
// versions; policy.png is the page of a policy; origins.png says since when its parts
// stand.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { open } from "./browser.js";
import { serve } from "./server.js";
import { has, kinds, root } from "./sites.js";

const policy = "acceptable-use-policy", before = "2025-07-14", after = "2026-01-19";

if (!has("own")) {
  console.error("not built: own\nhint: node build.js");
  process.exit(2);
}

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

// diff draws what git says of two files, with the numbers of their lines.
function diff(...files) {
  const { stdout, stderr, status } = spawnSync("git", ["diff", "--no-index", "-U1", "--", ...files], { cwd: root, encoding: "utf8" });
  if (status !== 1) throw new Error(`git diff: exit code ${status}: ${stderr}`);
  let [old, now] = [0, 0];
  return stdout.trimEnd().split("\n").slice(4).map((line) => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk) {
      [old, now] = [Number(hunk[1]), Number(hunk[2])];
      return `<tr class="hunk"><td><td><td>${escape(hunk[0])}`;
    }
    const kind = { "-": "del", "+": "ins" }[line[0]] ?? "";
    return `<tr class="${kind}"><td>${kind === "ins" ? "" : old++}<td>${kind === "del" ? "" : now++}<td>${escape(line)}`;
  }).join("\n");
}

// png makes a picture of pixels, of four bytes each, with a palette: a third of
// the size of what a browser writes. Of the colours, the most frequent stay.
function png(pixels, width, height) {
  const colours = new Map();
  const colourAt = (i) => pixels.readUIntBE(4 * i, 3);
  for (let i = 0; i < width * height; i++) colours.set(colourAt(i), (colours.get(colourAt(i)) ?? 0) + 1);
  const kept = [...colours].sort((a, b) => b[1] - a[1]).slice(0, 96).map(([colour]) => colour);
  const distance = (a, b) => [0, 8, 16].reduce((sum, bits) => sum + ((a >> bits & 255) - (b >> bits & 255)) ** 2, 0);
  for (const colour of colours.keys()) {
    colours.set(colour, kept.reduce((best, _, i) => (distance(colour, kept[i]) < distance(colour, kept[best]) ? i : best), 0));
  }
  const palette = Buffer.alloc(3 * kept.length);
  kept.forEach((colour, i) => palette.writeUIntBE(colour, 3 * i, 3));
  const rows = Buffer.alloc(height * (width + 1)); // each begins with its filter, which is none
  for (let i = 0; i < width * height; i++) rows[i + Math.floor(i / width) + 1] = colours.get(colourAt(i));
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]); // 8 bits, a palette
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const parts = [["IHDR", header], ["PLTE", palette], ["IDAT", deflateSync(rows, { level: 9 })], ["IEND", Buffer.alloc(0)]];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts.map(([name, data]) => {
    const part = Buffer.alloc(data.length + 12);
    part.writeUInt32BE(data.length, 0);
    part.write(name, 4);
    data.copy(part, 8);
    part.writeUInt32BE(crc32(part.subarray(4, -4)), part.length - 4);
    return part;
  })]);
}

// write keeps a picture that the browser took.
async function write(name, shot) {
  const { width, height, data } = await page.evaluate(async (png) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(image, 0, 0);
    const file = new FileReader();
    file.readAsDataURL(new Blob([context.getImageData(0, 0, width, height).data]));
    await new Promise((resolve) => { file.onload = resolve; });
    return { width, height, data: file.result.slice(file.result.indexOf(",") + 1) };
  }, shot.toString("base64"));
  writeFileSync(join(root, "docs", "img", name), png(Buffer.from(data, "base64"), width, height));
}

const browser = await open({ deviceScaleFactor: 1.4 });
const server = await serve("own");
const { page } = browser;
await page.emulateMedia({ colorScheme: "light" });

await page.setViewportSize({ width: 534, height: 900 });
await page.goto(`${server.home}${policy}/${after}/changes/`);
await page.evaluate(() => { document.documentElement.style.zoom = "0.8"; });
const redline = (await page.locator("[data-redline]").screenshot()).toString("base64");
await page.goto("about:blank"); // pages of a site let nothing be written into them
await page.setViewportSize({ width: 1240, height: 900 });
await page.setContent(`<!doctype html><style>
  body { margin: 0; display: grid; grid-template-columns: 706px 534px; background: #fff; color: #1b1b1f; font: 15px/1.4 sans-serif; }
  section { padding: 20px 20px 0; }
  section + section { border-inline-start: 1px solid #d0d0d6; }
  h1 { margin: 0 0 14px; font-size: 17px; }
  table { border-collapse: collapse; width: 100%; font: 12px/1.65 monospace; }
  td { padding: 0 6px; white-space: pre-wrap; vertical-align: top; }
  td:not(:last-child) { color: #6b6b73; text-align: end; }
  .hunk td { background: #e8f1fb; color: #57606a; }
  .del td { background: #ffebe9; }
  .ins td { background: #e6ffec; }
  img { display: block; width: 100%; }
</style>
<section><h1>The Markdown, by git diff</h1><table>${diff(...[before, after].map((day) => `history/${policy}/${day}.md`))}</table></section>
<section><h1>The redline, by policysite</h1><img src="data:image/png;base64,${redline}"></section>`);
const pair = await page.screenshot({ fullPage: true });

await page.setViewportSize({ width: 1120, height: 700 });
await page.goto(server.home + kinds("own")["policy with a version to come"].slice(1));
const current = await page.screenshot();

await page.goto(`${server.home}${policy}/origins/`);
const origins = await page.screenshot();

await page.goto("about:blank");
await write("redline.png", pair);
await write("policy.png", current);
await write("origins.png", origins);

await server.close();
await browser.close();
