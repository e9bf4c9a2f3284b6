// Where the sites are that build.js made, and which pages they have.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const out = join(root, "e2e", "out");

// The address for which the site "fixture-with-base" is built.
export const baseURL = "https://policies.example/legal/";

// folder returns the folder of a built site.
export const folder = (name) => join(out, "sites", name);

// has tells whether a site was built. Only the corpora may be missing.
export const has = (name) => existsSync(join(folder(name), "index.html"));

// files returns the paths of a site's files, sorted, with "/" between segments.
export const files = (name) =>
  readdirSync(folder(name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder(name).length + 1).replaceAll("\\", "/"))
    .sort();

// pages returns the paths of a site's HTML files.
export const pages = (name) => files(name).filter((path) => path.endsWith(".html"));

export const read = (name, path) => readFileSync(join(folder(name), path), "utf8");

export const manifest = (name) => JSON.parse(read(name, "archive.json"));

// redirects returns the addresses that a site redirects, and where to: of a rule with a
// splat those at which a page does the same.
export function redirects(name) {
  const below = name === "fixture-with-base" ? new URL(baseURL).pathname : "/";
  const found = new Map();
  for (const line of read(name, "_redirects").split("\n").filter(Boolean)) {
    const [from, to] = line.split(" ");
    const folder = from.endsWith("*") && from.slice(0, -1);
    const urls = folder ? pages(name).map((path) => below + encodeURI(path.replace(/index\.html$/, ""))).filter((url) => url.startsWith(folder)) : [from];
    for (const url of urls) if (!found.has(url)) found.set(url, folder ? to.replace(":splat", url.slice(folder.length)) : to); // the first that fits
  }
  return [...found];
}

const rightToLeft = ({ lang }) => /^(ar|fa|he|ur)\b/.test(lang);

// kinds returns one address of every kind of page that a site has, by kind:
// where there are several, that of the policy with the most versions.
export function kinds(name) {
  const { policies, at } = manifest(name);
  const found = { home: "/", "changes of the site": "/changes/", "not found": "/404.html", "comparison of files": "/compare/" };
  const add = (kind, url) => { if (url) found[kind] ??= url; };
  const isPast = (v) => v.in_force?.until && v.in_force.until <= at;
  const isUpcoming = (v) => v.in_force && v.in_force.from > at;
  const paths = new Set(pages(name));
  const alone = (v) => v.words_added === null && paths.has(`${decodeURI(v.url).slice(1)}changes/index.html`);
  policies.sort((a, b) => rightToLeft(a) - rightToLeft(b) || b.versions.length - a.versions.length);
  for (const { url, status, current, versions } of policies) {
    add(`policy ${status}`, url);
    add(`changes of a policy ${status}`, `${url}changes/`);
    add("comparison of versions", `${url}compare/`);
    if (paths.has(`${decodeURI(url).slice(1)}origins/index.html`)) add("origins", `${url}origins/`);
    if (status === "in-force" && versions.some(isUpcoming)) add("policy with a version to come", url);
    add("snapshot in force", versions.find((v) => v.id === current)?.url);
    add("snapshot past", versions.findLast((v) => isPast(v) && !v.error)?.url);
    add("snapshot to come", versions.find(isUpcoming)?.url);
    add("snapshot never in force", versions.find((v) => !v.in_force)?.url);
    add("snapshot that cannot be rendered", versions.find((v) => v.error)?.url);
    add("snapshot withheld", versions.find((v) => v.statements.some((said) => said.redaction?.whole))?.url);
    add("snapshot with words withheld", versions.find((v) => v.statements.some((said) => said.redaction?.block))?.url);
    add("snapshot carried", versions.find((v) => v.carried)?.url);
    add("snapshot older than git", versions.find((v) => !v.recorded)?.url);
    add("snapshot with a later statement", versions.find((v) => v.recorded && v.statements.some((said) => said.recorded))?.url);
    const one = versions.find(alone);
    add("versions that cannot be compared", one && `${one.url}changes/`);
  }
  for (const path of paths) {
    const url = `/${path.slice(0, -"index.html".length)}`;
    if (/\/\d{4}-\d{2}-\d{2}(-\d+)?\/changes\/index\.html$/.test(path)) add("redline", url);
    if (/\/\d{4}-\d{2}-\d{2}(-\d+)?\/since\/index\.html$/.test(path)) add("redline to the version in force", url);
    if (/^changes\/\d{4}\/index\.html$/.test(path)) add("year of the site's changes", url);
    if (/\/changes\/\d{4}\/index\.html$/.test(path)) add("year of a policy's changes", url);
  }
  for (const policy of policies.filter(rightToLeft)) {
    add("right-to-left policy", policy.url);
    add("right-to-left snapshot", policy.versions[0].url);
    add("changes of a right-to-left policy", `${policy.url}changes/`);
    add("origins of a right-to-left policy", `${policy.url}origins/`);
  }
  const [from] = redirects(name)[0] ?? [];
  add("redirect", from && decodeURI(from));
  return found;
}
