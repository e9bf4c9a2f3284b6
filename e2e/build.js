// Builds the program and every site that the checks look at, into out/.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fixture, images, kept, languages, makeRepository, published, today } from "./fixture.js";
import { baseURL, out, root } from "./sites.js";

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "sites"), { recursive: true });

function run(command, ...args) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  console.error(`failed with ${error ?? signal ?? `exit code ${status}`}: ${[command, ...args].join(" ")}`);
  process.exit(1);
}
const program = join(out, process.platform === "win32" ? "policysite.exe" : "policysite");
run("go", "generate", "./layouts");
run("go", "build", "-tags", "compare", "-o", program, "./cmd/policysite");

const build = (name, source, ...flags) =>
  run(program, "build", "--quiet", "--source", source, "--destination", join(out, "sites", name), "--at", today, ...flags);

run(program, "init", "--quiet", join(out, "sample"));
build("sample", join(out, "sample"));
// The commits of this repository are younger than the day of the others.
run(program, "build", "--quiet", "--source", root, "--destination", join(out, "sites", "own"));
makeRepository(join(out, "fixture"), fixture());
build("fixture", join(out, "fixture"));
build("fixture-with-base", join(out, "fixture"), "--baseURL", baseURL);
makeRepository(join(out, "published"), published());
build("published", join(out, "published"));
makeRepository(join(out, "kept"), kept());
build("kept", join(out, "kept"), "--previous", join(out, "sites", "published"));
makeRepository(join(out, "languages"), languages());
build("languages", join(out, "languages"));
makeRepository(join(out, "images"), images());
build("images", join(out, "images"));

// Another generator's site with fragments in it, made as the guide says.
const guide = readFileSync(join(root, "docs", "fragments.md"), "utf8");
const hugo = join(out, "hugo");
const write = (file, content) => {
  mkdirSync(dirname(join(hugo, file)), { recursive: true });
  writeFileSync(join(hugo, file), content);
};
for (const [, file, content] of guide.matchAll(/^```(?:sh|html) (\S+)\n(.*?)^```$/gms)) write(file, content);
write("hugo.yaml", "baseURL: https://example.com/\ntitle: Example\n");
write("layouts/index.html", `{{ define "main" }}<h1>{{ .Title }}</h1>{{ end }}`);
// Its own styles are about everything that a fragment might have.
write("layouts/_default/baseof.html", `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ .Title }}</title>
<style>body { margin: 0 auto; padding: 1rem; max-width: 60rem; font: 20px Georgia, serif; color: #333 } .page, .title, .text, .head, #introduction { color: red; border: 9px solid red } nav a { color: green }</style>
{{ partial "policy-head.html" . }}</head>
<body><nav><a href="/">Example</a></nav>{{ block "main" . }}{{ end }}</body></html>`);
run(program, "build", "--quiet", "--source", join(out, "fixture"), "--at", today, "--baseURL", "https://example.com/legal/", "--fragments", join(hugo, "policies"));
run("sh", "-c", `cd '${hugo}' && sh policies.sh`);
run("hugo", "--quiet", "--source", hugo, "--destination", join(out, "sites", "mounted"));

// Real policy repositories, where they lie beside the checkout.
for (const [name, bundle, ...flags] of [["basecamp", "basecamp-policies"], ["psf", "psf-policies", "--content", "docs"], ["pga", "pga-versions"]]) {
  const from = join(root, "..", "shared", "corpora", `${bundle}.bundle`);
  if (existsSync(from)) {
    run("git", "clone", "--quiet", from, join(out, name));
    build(name, join(out, name), ...flags);
  } else {
    console.log(`not checked, since it is not beside the checkout: ${bundle}.bundle`);
  }
}
