import { answers } from "./kinds/answers.ts";
import { certificate } from "./kinds/certificate.ts";
import { dataFolder } from "./kinds/data-folder.ts";
import { dyno } from "./kinds/dyno.ts";
import { engine } from "./kinds/engine.ts";
import { handover } from "./kinds/handover.ts";
import { hostPackages } from "./kinds/host-packages.ts";
import { ingress } from "./kinds/ingress.ts";
import { migrate } from "./kinds/migrate.ts";
import { network } from "./kinds/network.ts";
import { publish } from "./kinds/publish.ts";
import { register } from "./kinds/register.ts";
import { roles } from "./kinds/roles.ts";
import { runtime } from "./kinds/runtime.ts";
import { sample } from "./kinds/sample.ts";
import { self } from "./kinds/self.ts";
import { stackImage } from "./kinds/stack-image.ts";
import { stageZero } from "./kinds/stage-zero.ts";
import { trust } from "./kinds/trust.ts";
import type { Step } from "./manifest.ts";
import type { Check, Kind } from "./runner.ts";
import type { World } from "./world.ts";

/** A kind of step without a way to do it does not compile. */
type Kinds = { readonly [K in Step["kind"]]: Kind<World, Extract<Step, { kind: K }>["arguments"]> };

const kinds: Kinds = {
  "host-packages": hostPackages,
  engine,
  "data-folder": dataFolder,
  trust,
  "stack-image": stackImage,
  certificate,
  network,
  ingress,
  "stage-zero": stageZero,
  dyno,
  roles,
  migrate,
  publish,
  register,
  runtime,
  answers,
  handover,
  self,
  sample,
};

/** How a step of the manifest is seen and done in a world. */
export function executor(world: World): { check(step: Step): Promise<Check>; act(step: Step): Promise<void> } {
  // The step's kind picks its own arguments' kind: that is what the mapped type above says, and the compiler can't follow here.
  const kindOf = (step: Step) => kinds[step.kind] as Kind<World, Step["arguments"]>;
  return {
    check: (step) => kindOf(step).check(world, step.arguments),
    act: (step) => kindOf(step).act(world, step.arguments),
  };
}
