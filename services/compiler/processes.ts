import { CompileFail } from "./compile-fail.ts";

/** What programs print when no further process or thread can be had, in the last bytes of a buildpack's output. */
export function saysProcessesRanOut(text: string): boolean {
  return /resource temporarily unavailable|spawn \S+ EAGAIN|pthread_create.*EAGAIN/i.test(text);
}

/** The failure that names the limit; how high it is, is the dyno's size. */
export function processesFail(): CompileFail {
  return new CompileFail("The build ran out of processes: it started more than its dyno may have", [
    "Look for a script that starts itself, or make the build less parallel.",
  ]);
}
