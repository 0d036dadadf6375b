import { quine } from "./platform.ts";

/** Brings the test platform up before the first story and takes it away after the last one. */
export default async function bringUp(): Promise<() => Promise<void>> {
  const up = await quine("up", "--yes");
  if (up.status !== 0) throw new Error(`bin/quine up failed\n${up.stdout}${up.stderr}`);
  return async () => {
    if (process.env.QUINE_TEST_KEEP === "1") return;
    const gone = await quine("destroy", "--yes");
    if (gone.status !== 0) throw new Error(`bin/quine destroy failed\n${gone.stdout}${gone.stderr}`);
  };
}
