// Compares two texts, off the page's own thread. What stands before this is the script
// of the Go distribution that runs the comparison.
"use strict";

let ready = null;

async function start(url) {
  const go = new Go();
  const packed = await fetch(url);
  if (!packed.ok) throw new Error(`${packed.status} ${url}`);
  const module = await new Response(packed.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const { instance } = await WebAssembly.instantiate(module, go.importObject);
  go.run(instance); // it never ends
}

self.onmessage = async ({ data: { id, module, old, text, lang } }) => {
  try {
    await (ready ??= start(module));
    postMessage({ id, ...policysiteCompare(old.name, old.bytes, text.name, text.bytes, lang) });
  } catch (error) {
    postMessage({ id, error: String(error.message ?? error) });
  }
};
