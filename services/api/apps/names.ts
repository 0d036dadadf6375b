import { z } from "zod";
import { reservedAppNames } from "../../kernel/system-apps.ts";

const adjectives =
  "amber autumn brisk calm clear cobalt cool crisp early fair fresh gentle golden green hidden keen kind lively lone loyal mellow mild misty neat noble pale plain proud quick quiet rapid ready rough round rustic sharp shy silent silver slow small snowy solid spare steady stern still stout sunny swift tidy true vivid warm wide wild wise young".split(
    " ",
  );
const nouns =
  "badger bay beacon birch bloom brook canyon cedar cliff cloud cove crane creek dale dawn delta dune dusk ember falcon fern field fjord forest frost garden glade grove harbor hare hawk heath heron hill inlet island lake lark leaf marsh meadow mesa mist moon moor oak orchard otter peak pine pond rain reef ridge river robin rock sea shore sky snow spring star stone storm stream summit swan thicket tide trail valley vale wave willow wind wood wren".split(
    " ",
  );

/** A name such as `still-river-48213`. @param pick a whole number below its argument: chance comes from outside. */
export function generatedName(pick: (below: number) => number): string {
  return `${adjectives[pick(adjectives.length)]}-${nouns[pick(nouns.length)]}-${10_000 + pick(90_000)}`;
}

/** A name an account can take. */
export const appName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{1,28}[a-z0-9]$/,
    "must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes (3 to 30 characters)",
  )
  .refine((name) => !reservedAppNames.includes(name), "is reserved for the platform");
