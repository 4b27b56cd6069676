import { isSmxError } from '@smx-edge/model';
import { loadConfig, problemText } from '../../config/index.js';
import { startCore } from '../../core/core.js';
import { openLog } from '../../core/logging.js';
import { endOnFault, serve } from '../../core/process.js';
import type { CommandRun } from '../command.js';
import { complain, report } from '../out.js';
import { configFile } from '../target.js';

/** `smx run`: 2 where the file, `site`, `data` or `http` cannot be used, else 0 once a signal ended it. */
export const run: CommandRun = async (invocation) => {
  const loaded = loadConfig(configFile(invocation));
  if (loaded.config === undefined) {
    for (const problem of loaded.problems) complain(problemText(problem));
    return 2;
  }
  const output = openLog(loaded.config.log.level);
  endOnFault(output.log, output.close);
  try {
    return await serve(() => startCore({ loaded, log: output.log }), output.log);
  } catch (error) {
    if (!isSmxError(error)) throw error;
    report(error, false);
    return 2;
  } finally {
    output.close();
  }
};
