import { once } from "node:events";
import http from "node:http";

/** What the runtime's health check connects to: listens only once the router serves. @returns how to stop it */
export async function serveHealth(port: number): Promise<() => void> {
  const server = http.createServer((request, response) => {
    response.writeHead(request.url === "/healthz" ? 200 : 404, { "content-length": 0 }).end();
  });
  server.maxConnections = 16;
  server.requestTimeout = 5_000;
  server.listen(port, "0.0.0.0");
  await once(server, "listening");
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
