import { SmxError } from '@smx-edge/model';
import type { Ending } from '../process/instance-process.js';

/** Why a process ended, in words an operator can use. */
export function endingReason({ code, signal, why, lastLines }: Ending): SmxError {
  if (why !== undefined) return why;
  if (lastLines.some((line) => /out of memory|Reached heap limit|Allocation failed/.test(line)))
    return new SmxError('SMX_EXTENSION_LIMIT', 'its heap grew past the memory limit; see limits.memory');
  const last = lastLines.at(-1);
  const said = last === undefined ? '' : `; its last line was: ${last.slice(0, 200)}`;
  if (signal !== null) return new SmxError('SMX_EXTENSION_DIED', `its process was ended by ${signal}${said}`);
  return new SmxError('SMX_EXTENSION_DIED', `its process exited with status ${code ?? '?'}${said}`);
}
