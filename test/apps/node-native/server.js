const http = require("node:http");
const answer = require("./build/Release/answer.node");

http.createServer((_, response) => response.end(`${answer()}\n`)).listen(Number(process.env.PORT ?? 5000));
