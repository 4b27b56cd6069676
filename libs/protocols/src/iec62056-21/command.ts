import { SmxError } from '@smx-edge/model';
import { blockCheck, ETX, SOH, STX } from './characters.js';

/**
 * What this reader can say in programming mode (IEC 62056-21 §6.4.4 and Annex C): passwords, readings and the end. There are
 * no write (W) and execute (E) commands, so that no meter can be changed.
 */
export type ReadCommand = 'P1' | 'P2' | 'R1' | 'R2' | 'R5' | 'R6' | 'B0';

const COMMANDS: ReadonlySet<string> = new Set(['P1', 'P2', 'R1', 'R2', 'R5', 'R6', 'B0'] satisfies ReadCommand[]);
/** Printable characters; brackets stand only around the operand. */
const DATA = /^[ -'*-~]*\([ -'*-~]*\)$/;

/** A command with its check. `data`: `address(operand)`, or `(password)`; nothing for B0. Throws SMX_PROTOCOL_ENCODE. */
export function encodeCommand(command: ReadCommand, data = ''): Uint8Array {
  if (!COMMANDS.has(command)) refuse(`there is no command ${command}`);
  if (command === 'B0' ? data !== '' : !DATA.test(data))
    refuse(`${command.startsWith('P') ? 'what is given for a password' : `"${data}"`} is no data of ${command}`);
  const body = command === 'B0' ? [] : [STX, ...Buffer.from(data, 'latin1')];
  const characters = Uint8Array.from([...Buffer.from(command, 'latin1'), ...body, ETX]);
  return Uint8Array.from([SOH, ...characters, blockCheck(characters)]);
}

/** A block as a meter sends it: with `command` as it asks for a password (`P0`), else data alone; `isLast` false: more follow. */
export function encodeBlock(
  data: string,
  { command, isLast = true }: { command?: string; isLast?: boolean } = {},
): Uint8Array {
  const text = Buffer.from(data, 'latin1');
  const end = isLast ? ETX : 0x04;
  const characters =
    command === undefined
      ? Uint8Array.from([...text, end])
      : Uint8Array.from([...Buffer.from(command, 'latin1'), STX, ...text, end]);
  return Uint8Array.from([command === undefined ? STX : SOH, ...characters, blockCheck(characters)]);
}

function refuse(why: string): never {
  throw new SmxError('SMX_PROTOCOL_ENCODE', `The meter cannot be asked so: ${why}`);
}
