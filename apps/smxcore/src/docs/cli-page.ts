import { COMMANDS } from '../cli/commands.js';
import { GENERATED, markdownTable } from './markdown.js';

/** docs/reference/cli.md from the table of commands. */
export function cliPage(): string {
  const sections = COMMANDS.map(({ name, usage, summary, options }) => {
    const rows = Object.entries(options).map(([option, { value, help }]) => [
      `\`--${option}${value === undefined ? '' : ` ${value}`}\``,
      help,
    ]);
    return `## smx ${name}\n\n\`smx ${name}${usage === '' ? '' : ` ${usage}`}\`\n\n${summary}\n\n${markdownTable(['option', 'meaning'], rows)}`;
  });
  return `${GENERATED}
# The smx command

\`npx smx COMMAND\` in the repository, or \`npm run smx -- COMMAND\`. Exit status: 0 ok, 1 failed, 2 bad usage or bad config.
Commands that read or act talk to the running core, under \`--token\` or \`SMX_TOKEN\`; on the box itself whoever can read the
data folder needs no token. With \`--json\` what fails prints one object \`{"code","message","errors"}\` on standard output, bad
usage too (\`SMX_CLI_USAGE\`). The source is \`apps/smxcore/src/cli/commands.ts\`.

${sections.join('\n\n')}
`;
}
