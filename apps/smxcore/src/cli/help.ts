import type { CommandSpec } from './command.js';
import { COMMANDS } from './commands.js';
import { table } from './table.js';

export function overview(): string {
  const rows = COMMANDS.map(({ name, summary }) => [`  ${name}`, summary]);
  return `usage: smx COMMAND [OPTIONS]\n\n${table(rows)}\n\n\`smx COMMAND --help\` tells more.`;
}

export function usageLine({ name, usage }: CommandSpec): string {
  return `usage: smx ${name}${usage === '' ? '' : ` ${usage}`} [OPTIONS]`;
}

export function commandHelp(command: CommandSpec): string {
  const rows = Object.entries(command.options).map(([name, { value, help }]) => [
    `  --${name}${value === undefined ? '' : ` ${value}`}`,
    help,
  ]);
  return `${usageLine(command)}\n\n${command.summary}\n\n${table(rows)}`;
}
