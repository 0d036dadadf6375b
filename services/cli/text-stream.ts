import { Problem } from "../kernel/problem.ts";

/**
 * The text at a capability URL, piece by piece as it comes. No token goes there: the URL is one.
 * @throws Problem when the URL is no longer good, or the stream breaks.
 */
export async function* textOf(url: string, headers: Readonly<Record<string, string>> = {}): AsyncGenerator<string> {
  const cannot = (why: string, cause?: unknown) =>
    new Problem("service_unavailable", `Cannot read the stream: ${why}.\nTry again.`, { cause });
  let response: Response;
  try {
    response = await fetch(url, { headers: { accept: "text/plain", ...headers }, redirect: "error" });
  } catch (cause) {
    throw cannot("the platform does not answer", cause);
  }
  if (response.status === 403 || response.status === 404) throw cannot("its address has expired");
  if (!response.ok) throw cannot(`the platform answered with status ${response.status}`);
  if (response.body === null) return;
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body) {
      // NUL bytes are the platform's way to keep a silent stream alive.
      const text = decoder.decode(bytes, { stream: true }).replaceAll("\0", "");
      if (text !== "") yield text;
    }
  } catch (cause) {
    throw cannot("it broke off", cause);
  }
}
