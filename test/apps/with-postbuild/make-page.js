import { mkdirSync, writeFileSync } from "node:fs";
import semver from "semver";

mkdirSync("dist", { recursive: true });
writeFileSync("dist/page.txt", `Made with semver: 1.2.3 becomes ${semver.inc("1.2.3", "minor")}. Config var: ${process.env.PAGE_TITLE ?? "none"}\n`);
