// Builds the program and every site that the checks look at, into out/.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
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
run("go", "build", "-o", program, "./cmd/policysite");

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
