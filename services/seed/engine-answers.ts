import { Problem } from "../kernel/problem.ts";
import type { EngineApi } from "./engine-api.ts";

/** Whether an engine answers. @throws Problem forbidden when one is there that this user may not use: another would not help. */
export async function answers(engineApi: EngineApi): Promise<boolean> {
  try {
    await engineApi.info();
    return true;
  } catch (error) {
    if (error instanceof Problem && error.id === "service_unavailable") return false;
    throw error;
  }
}
