// Holds an export, and the site that its declaration is of, against what Open Terms
// Archive has in the npm registry: the schema by which it validates declarations, its
// list of types, and the extractor that it gets texts with.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import extract from "@opentermsarchive/engine/extract";
import SourceDocument from "@opentermsarchive/engine/sourceDocument";
import types from "@opentermsarchive/terms-types";

const here = dirname(fileURLToPath(import.meta.url));
const { default: schema } = await import(join(here, "node_modules/@opentermsarchive/engine/scripts/declarations/validate/service.schema.js"));

const baseURL = "https://policies.example/legal/";
const privacy = (days) => `---
title: What we know of you
terms-type: Privacy Policy
last-updated: 2021-03-0${days}
---
## What we *keep*

We keep [logs](https://example.com/logs) for ${days} days & no longer. Ask Jane Roe.[^1]

> [!NOTE]
> A note of the author's is text.

1. one
3. three
   - nested

| Partner | Since |
|---|--:|
| Northwind | 2019 |

[^1]: Or the office.
`;

// words are those of a text, whatever marks them up: numbers of lists do.
const words = (text) => text.replace(/\]\([^)]*\)/g, "]").replace(/^\s*\d+\./gm, "").match(/[\p{L}\p{N}]+/gu);

describe("Open Terms Archive", () => {
  const dir = mkdtempSync(join(tmpdir(), "policysite-ota-"));
  const program = join(dir, "policysite");
  const repository = join(dir, "repository");
  const run = (...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const dataset = join(dir, "dataset");
  let declaration;

  before(() => {
    execFileSync("go", ["build", "-o", program, "./cmd/policysite"], { cwd: join(here, "..", "..") });
    mkdirSync(join(repository, "content"), { recursive: true });
    const git = (day, ...args) => execFileSync("git", args, { cwd: repository, env: { ...process.env, GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@example.com", GIT_COMMITTER_NAME: "A", GIT_COMMITTER_EMAIL: "a@example.com", GIT_AUTHOR_DATE: day, GIT_COMMITTER_DATE: day } });
    const commit = (day) => {
      git(day, "add", ".");
      git(day, "commit", "--quiet", "--message", "x");
    };
    git("", "init", "--quiet");
    writeFileSync(join(repository, "policysite.yaml"), `organization: Skerrybrook & Co.\nbaseURL: ${baseURL}\n`);
    writeFileSync(join(repository, "content", "privacy.md"), privacy(3));
    writeFileSync(join(repository, "content", "terms.md"), "# Terms of Service\n\nPay.\n\nPay *soon*.\n");
    commit("2021-01-02T12:00:00Z");
    writeFileSync(join(repository, "content", "privacy.md"), privacy(4));
    commit("2021-02-03T12:00:00Z");
    run("build", "--quiet", "--source", repository);
    run("export", "ota", dataset, "--source", repository);
    declaration = JSON.parse(readFileSync(join(dataset, "declarations", "Skerrybrook & Co.json"), "utf8"));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  test("knows the types", () => {
    const { properties } = JSON.parse(run("schema", "front-matter"));
    assert.deepEqual(properties["terms-type"].anyOf[0].enum, Object.keys(types));
  });

  test("accepts the declaration", () => {
    const ajv = new Ajv({ allErrors: true });
    addFormats(ajv);
    const validate = ajv.compile(schema);
    assert.ok(validate(declaration), ajv.errorsText(validate.errors));
    const [first] = Object.values(declaration.terms);
    assert.ok(!validate({ ...declaration, terms: { "Other Policy": first } }), "the schema refuses nothing");
  });

  test("extracts from the pages what the dataset has", async () => {
    const found = Object.entries(declaration.terms);
    assert.deepEqual(found.map(([type]) => type).sort(), ["Privacy Policy", "Terms of Service"]);
    for (const [type, { fetch, select, remove }] of found) {
      const page = readFileSync(join(repository, "public", fetch.slice(baseURL.length), "index.html"), "utf8");
      const text = await extract(new SourceDocument({ location: fetch, contentSelectors: select, insignificantContentSelectors: remove, content: page, mimeType: "text/html" }));
      const folder = join(dataset, "Skerrybrook & Co", type);
      const versions = readdirSync(folder).sort();
      assert.equal(versions.length, type === "Privacy Policy" ? 2 : 1);
      assert.ok(versions.every((name) => /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.md$/.test(name)), versions.join(" "));
      // The extractor has the words of the record, and no other.
      const id = fetch.slice(baseURL.length, -1);
      const recorded = words(run("show", id, "--text", "--source", repository));
      const heading = words("What we know of you"); // a title that front matter has is not in the text
      assert.deepEqual(words(text), type === "Privacy Policy" ? recorded.slice(heading.length) : recorded);
      const exported = readFileSync(join(folder, versions.at(-1)), "utf8");
      for (const word of words(text)) assert.ok(exported.includes(word) || word === "Note", `the dataset lacks "${word}"`);
    }
  });
});
