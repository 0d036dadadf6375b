import { execFileSync } from "node:child_process";
import http from "node:http";

http.createServer((_, response) => response.end(execFileSync("hello"))).listen(Number(process.env.PORT ?? 5000));
