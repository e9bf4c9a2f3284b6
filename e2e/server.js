// A static file server as hosts are: a folder's address serves its index.html,
// anything that is missing serves 404.html.

import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { folder } from "./sites.js";

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".md": "text/markdown; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".xml": "application/xml",
};

// headersOf returns what the _headers file of a site says of an address, as the
// hosts that read it do: the lines below each path that fits, where "*" is any
// characters. Of two equal names both hold.
function headersOf(rules, pathname) {
  const headers = new Headers();
  let fits = false;
  for (const line of rules.split("\n")) {
    if (line.startsWith("/")) fits = new RegExp(`^${line.replace(/[.?+^$(){}|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(pathname);
    else if (fits && line.trim()) headers.append(...line.split(/:\s*(.*)/s).slice(0, 2).map((part) => part.trim()));
  }
  return Object.fromEntries(headers);
}

// serve serves a built site below a path that ends in "/", and returns the
// address of its home page and a function that ends the server.
export async function serve(name, below = "/") {
  const base = folder(name);
  const rules = await readFile(join(base, "_headers"), "utf8").catch(() => ""); // of fragments, the host has its own
  const find = async (pathname) => {
    if (!pathname.startsWith(below)) return null;
    const path = normalize(join(base, decodeURIComponent(pathname.slice(below.length))));
    if (path !== base && !path.startsWith(base + sep)) return null;
    const info = await stat(path).catch(() => null);
    if (info?.isFile()) return pathname.endsWith("/") ? null : { path };
    if (!info?.isDirectory()) return null;
    const index = join(path, "index.html");
    if (!(await stat(index).catch(() => null))) return null;
    return pathname.endsWith("/") ? { path: index } : { to: pathname + "/" };
  };
  const server = createServer(async (request, response) => {
    try {
      const found = await find(new URL(request.url, "http://localhost").pathname);
      if (found?.to) {
        response.writeHead(301, { location: found.to }).end();
        return;
      }
      const path = found ? found.path : join(base, "404.html");
      const content = await readFile(path);
      const { pathname } = new URL(request.url, "http://localhost");
      response.writeHead(found ? 200 : 404, { "content-type": types[extname(path)] ?? "application/octet-stream", ...headersOf(rules, pathname) }).end(content);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    home: `http://127.0.0.1:${server.address().port}${below}`,
    close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}
