/** The longest texts the host takes of an instance, in characters; it ends a process that sends longer ones. */
export const NAME = 200;
export const LINE = 4000;
export const REPORT = 20_000;
const LONGEST_LOG = 16_000;

/** A text of at most `max` characters, whatever it was: a meter may answer anything, and no answer may end the instance. */
export function bounded(value: unknown, max: number): string {
  const text = typeof value === 'string' ? value : String(value);
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

/** Fields of a log line as they can travel: what has no JSON is told as text. */
export function loggable(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | null {
  if (fields === undefined) return null;
  try {
    const text = JSON.stringify(fields);
    return text.length > LONGEST_LOG ? { fields: bounded(text, LONGEST_LOG) } : fields;
  } catch (error) {
    return { fields: `not to be told: ${bounded(error, LINE)}` };
  }
}

export const logText = (message: unknown): string => bounded(message, LONGEST_LOG);
