// What programs read, read by programs: the example of the documentation runs as it
// stands there, against built sites.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { manifest, read, root } from "../sites.js";

const guide = readFileSync(join(root, "docs", "for-programs.md"), "utf8");
const [, code] = guide.match(/^```js acceptance\.js\n(.*?)^```$/ms);
const { mustAsk } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

// serve answers for a site at an address, without a network.
function serve(name, base) {
  globalThis.fetch = async (url) => {
    const path = decodeURI(String(url).slice(base.length));
    return new Response(read(name, path), { headers: { "Content-Type": "application/json" } });
  };
}

test("an app asks its users again after a material change, and only then", async () => {
  const base = "https://policies.example/";
  serve("fixture", base);
  let material = 0;
  for (const { url, current, versions } of manifest("fixture").policies) {
    const now = versions.findIndex(({ id }) => id === current);
    const last = versions.findLastIndex(({ change }, i) => i <= now && change === "material");
    material += last > 0;
    for (const [i, { id }] of versions.entries()) {
      assert.equal(await mustAsk(`${base}${url.slice(1)}`, id), now >= 0 && i < last, `${url} ${id}`);
    }
    assert.equal(await mustAsk(`${base}${url.slice(1)}`, "never"), now >= 0, `${url}, a version that is not known`);
  }
  assert.ok(material > 0, "no policy of the fixture has a material change");
});
