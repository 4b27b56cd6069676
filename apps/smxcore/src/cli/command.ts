import type { ParseArgsConfig } from 'node:util';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** What stands for its value in help; absent for switches. */
  readonly value?: string;
  readonly help: string;
}

export interface Invocation {
  readonly args: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** Runs a command and gives its exit status: 0 ok, 1 failed, 2 bad usage or bad config. */
export type CommandRun = (invocation: Invocation) => Promise<number>;

/** One row of the table of commands; help and reference page are made from it. */
export interface CommandSpec {
  readonly name: string;
  /** Positional arguments as shown, e.g. `FILTER --from T`. */
  readonly usage: string;
  readonly summary: string;
  readonly least: number;
  readonly most: number;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Loads what the command needs only when it is called. */
  readonly load: () => Promise<CommandRun>;
}

export function parseOptions(options: CommandSpec['options']): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
}

export function text(invocation: Invocation, name: string): string | undefined {
  const value = invocation.values[name];
  return typeof value === 'string' ? value : undefined;
}
