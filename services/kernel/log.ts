/** Values a log line can carry; undefined ones are left out. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/**
 * logfmt, one line per thing that happened, on standard output: that is a dyno's log.
 * People read these lines through `quine logs`, so the sentence comes first and the facts after it.
 */
export function createLogger(write: (line: string) => void = (line) => process.stdout.write(line)): Logger {
  const line =
    (level: string) =>
    (message: string, fields: Fields = {}) =>
      write(`${level === "info" ? "" : `level=${level} `}${formatLine(message, fields)}\n`);
  return { info: line("info"), warn: line("warn"), error: line("error") };
}

/** `message key=value …`, values quoted where they hold blanks, quotes or line ends. */
export function formatLine(message: string, fields: Fields): string {
  let line = message;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const text = String(value);
    line += ` ${key}=${/[\s"=]/.test(text) || text === "" ? JSON.stringify(text) : text}`;
  }
  return line;
}
