import http from "node:http";
import ms from "ms";

const server = http.createServer((request, response) => {
  response.setHeader("content-type", "text/plain");
  response.end(`Hello from ${process.env.DYNO ?? "a dyno"}, up for ${ms(Math.round(process.uptime() * 1000))}\n`);
});
server.listen(Number(process.env.PORT ?? 5000), () => console.log(`Listening on ${server.address().port}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
