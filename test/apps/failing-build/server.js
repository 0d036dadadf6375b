require("node:http").createServer((_, response) => response.end("never\n")).listen(process.env.PORT);
