// Compares two texts, off the page's own thread. What stands before this is the script
// of the Go distribution that runs the comparison.
"use strict";

let ready = null;

async function get(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response;
}

async function start(url, words) {
  const go = new Go();
  // The address of the words stays the same, what they are need not.
  const [packed, said] = await Promise.all([get(url), get(words, { cache: "no-cache" })]);
  const module = await new Response(packed.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const { instance } = await WebAssembly.instantiate(module, go.importObject);
  self.policysiteWords = await said.text();
  go.run(instance); // it never ends
}

self.onmessage = async ({ data: { id, module, words, old, text } }) => {
  try {
    await (ready ??= start(module, words));
    postMessage({ id, ...policysiteCompare(old.name, old.bytes, text.name, text.bytes) });
  } catch (error) {
    postMessage({ id, error: String(error.message ?? error) });
  }
};
