import { Problem } from "../kernel/problem.ts";

/** The command line itself cannot be understood: exit status 2, where all other problems give 1. */
export class UsageProblem extends Problem {
  constructor(message: string) {
    super("bad_request", message);
    this.name = "UsageProblem";
  }
}
