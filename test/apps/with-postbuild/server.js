import { readFileSync } from "node:fs";
import http from "node:http";

const page = readFileSync(new URL("dist/page.txt", import.meta.url));
http.createServer((_, response) => response.end(page)).listen(Number(process.env.PORT ?? 5000));
