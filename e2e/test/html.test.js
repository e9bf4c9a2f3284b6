// The Nu Html Checker finds no error in any page, and nothing to warn of in
// those whose texts are ours.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, test } from "node:test";
import { files, folder, has, pages } from "../sites.js";

const jar = join(dirname(createRequire(import.meta.url).resolve("vnu-jar/package.json")), "build", "dist", "vnu.jar");

// check returns what the checker says of files of a site.
async function check(site, paths) {
  const { stdout } = await promisify(execFile)("java", [
    "-Xss4m", "-jar", jar, "--also-check-css", "--also-check-svg", "--exit-zero-always", "--stdout", "--format", "json", ...paths,
  ], { cwd: folder(site), maxBuffer: 1 << 28 });
  // Read from a disk, a page is of no origin, so that for the checker nothing is
  // of its own. allowed.test.js asks a browser what the policy blocks.
  const own = /^Resource violates Content Security Policy \(meta tag\): (external (stylesheet|script)|image) “[^":]*” blocked/;
  return JSON.parse(stdout).messages.filter(({ message }) => !own.test(message));
}

const where = ({ url, lastLine, message, extract }) => `${url.slice(url.indexOf("/sites/") + 7)}:${lastLine ?? "?"}: ${message} ${extract ?? ""}`;

// sample returns so many of the paths, always the same ones and spread evenly.
function sample(paths, count) {
  const key = (path) => createHash("sha256").update(path).digest("hex");
  return paths.map((path) => [key(path), path]).sort().slice(0, count).map(([, path]) => path);
}

describe("HTML and CSS", () => {
  for (const site of ["sample", "own", "fixture", "fixture-with-base", "kept", "languages"]) {
    test(site, async () => {
      const checked = files(site).filter((path) => /\.(html|css|svg)$/.test(path));
      assert.deepEqual(checked.filter((path) => path.endsWith(".css")).length, 1);
      assert.deepEqual((await check(site, checked)).map(where), []);
    });
  }
  // What is wrong with a text itself is its author's, and the page must not say
  // otherwise: a heading level that is left out, an address of another host
  // that browsers understand all the same (the checker shows no value that is
  // very long), text between the items of a list that was written as HTML.
  // Nothing else is passed over.
  const authors = [
    /^The heading “h\d” .* skipping \d heading levels?\.$/,
    /^Bad value (“https?:[^”]*”)? for attribute “href” on element “a”: (Illegal character in |URL includes credentials)/,
    /^Text not allowed in element “[ou]l” in this context\.$/,
  ];
  const ours = ({ type, message }) => type !== "info" && !authors.some((known) => known.test(message));
  test("basecamp, every page", { skip: !has("basecamp") }, async () => {
    const messages = await check("basecamp", pages("basecamp"));
    assert.deepEqual(messages.filter(ours).map(where), []);
  });
  test("pga, 300 pages", { skip: !has("pga") }, async () => {
    const messages = await check("pga", sample(pages("pga"), 300));
    assert.deepEqual(messages.filter(ours).map(where), []);
  });
});
