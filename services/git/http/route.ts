/** One of the three requests of git's smart HTTP protocol. */
export interface GitRequest {
  readonly appName: string;
  readonly service: "git-upload-pack" | "git-receive-pack";
  /** "advertise" is the GET of info/refs, "exchange" the POST that follows. */
  readonly step: "advertise" | "exchange";
}

const exchangePath = /^\/([a-z][a-z0-9-]{1,29})\.git\/(git-upload-pack|git-receive-pack)$/;
const advertisePath = /^\/([a-z][a-z0-9-]{1,29})\.git\/info\/refs$/;

/**
 * Reads method and target as they came: nothing is decoded or normalised, so there is one spelling of each request and a path
 * with dots or percent signs is no request at all.
 * @returns undefined for anything but the protocol; the answer to that is 404.
 */
export function parseGitRequest(method: string, target: string): GitRequest | undefined {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? "" : target.slice(mark + 1);

  if (method === "POST" && query === "") {
    const [, appName, service] = exchangePath.exec(path) ?? [];
    return appName === undefined ? undefined : { appName, service: service as GitRequest["service"], step: "exchange" };
  }
  if (method === "GET") {
    const appName = advertisePath.exec(path)?.[1];
    const service = /^service=(git-upload-pack|git-receive-pack)$/.exec(query)?.[1];
    if (appName === undefined || service === undefined) return undefined;
    return { appName, service: service as GitRequest["service"], step: "advertise" };
  }
  return undefined;
}

/**
 * The token of `Authorization: Basic`: the password, under any user name, as the Heroku CLI and `.netrc` give it.
 * @returns undefined when there is none that could be one (it must be printable ASCII, so that it can stand in a header again).
 */
export function parseToken(authorization: string | undefined): string | undefined {
  const encoded = /^basic +([a-z0-9+/=]{1,2048})$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, "base64").toString("latin1");
  const token = pair.slice(pair.indexOf(":") + 1);
  return pair.includes(":") && /^[\x21-\x7e]{1,512}$/.test(token) ? token : undefined;
}

/** `Git-Protocol` as git may read it, or undefined: `version=2`, key=value pairs joined by colons. */
export function parseProtocol(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" && /^[a-z0-9=:-]{1,64}$/.test(header) ? header : undefined;
}
