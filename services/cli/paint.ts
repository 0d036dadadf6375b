/** Colours, by what they say. Without a terminal, or with NO_COLOR, text stays as it is. */
export interface Paint {
  app(text: string): string;
  heading(text: string): string;
  name(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  /** One of several colours, always the same for a number. */
  nth(text: string, number: number): string;
}

const nthColours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

export function createPaint(hasColours: boolean): Paint {
  const colour = (code: number) => (text: string) => (hasColours ? `\u001b[${code}m${text}\u001b[39m` : text);
  return {
    app: colour(35),
    heading: (text) => (hasColours ? `\u001b[1m${text}\u001b[22m` : text),
    name: colour(36),
    good: colour(32),
    bad: colour(31),
    dim: (text) => (hasColours ? `\u001b[2m${text}\u001b[22m` : text),
    nth: (text, number) => colour(nthColours[number % nthColours.length] ?? 36)(text),
  };
}
