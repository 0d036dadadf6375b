import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { CompileFail } from "../compile-fail.ts";

const redirectsMax = 5;

/**
 * Fetches a source from the address that its pusher gave. It is a stranger's server: the build's token never goes there.
 * @param options.silenceMaxMs after which a server that sends nothing is given up.
 * @throws CompileFail when it cannot be fetched.
 */
export async function fetchExternalSource(
  address: string,
  options: { silenceMaxMs: number; proxies: Readonly<Record<string, string>> },
): Promise<http.IncomingMessage> {
  let next = address;
  for (let hop = 0; hop <= redirectsMax; hop++) {
    const url = parse(next);
    const client = url.protocol === "https:" ? https : http;
    const agent = new client.Agent({ proxyEnv: { ...options.proxies } });
    const outgoing = client.get(url, { agent, headers: { "user-agent": "quine-compiler", accept: "*/*" } });
    outgoing.setTimeout(options.silenceMaxMs, () => outgoing.destroy(new Error("no answer")));
    const [response] = (await once(outgoing, "response").catch((cause: unknown) => {
      throw new CompileFail(`The source cannot be fetched from ${url.host}`, [], { cause });
    })) as [http.IncomingMessage];
    if (response.statusCode === 200) return response;
    response.destroy();
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined)
      throw new CompileFail(`The source cannot be fetched from ${url.host}: it answered ${response.statusCode}`);
    next = new URL(location, url).href;
  }
  throw new CompileFail(`The source cannot be fetched: more than ${redirectsMax} redirections`);
}

function parse(address: string): URL {
  const url = URL.parse(address);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new CompileFail("The source cannot be fetched: its address is not one of http or https");
  return url;
}
