// Serves the window's own page to any browser, with a program behind it that
// says nothing but what it reads in what is pasted: the tests draw the states themselves.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../ui/", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const read = `(text) => ({ code: text.includes("@") ? "login" : "good", clientIdEnd: "7f3d" })`;
const silent = `<script>window.__TAURI__ = { core: { invoke: async (name, told) => name === "read_pasted" ? (${read})(told.text) : null, Channel: class {} } };</script>`;

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
  try {
    const file = path === "/" ? "index.html" : path.slice(1);
    let content = await readFile(join(folder, file));
    if (file === "index.html") content = Buffer.from(content.toString().replace("<head>", `<head>${silent}`));
    response.writeHead(200, { "content-type": `${types[extname(file)]}; charset=utf-8` }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
