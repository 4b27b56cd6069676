import { open } from 'node:fs/promises';
import { durationMs, SmxError } from '@smx-edge/model';
import { text, type CommandRun } from '../command.js';
import { ask } from '../client.js';
import { complain, print } from '../out.js';
import { targetOf } from '../target.js';

/** A capture is personal data and may hold passwords. */
const MODE = 0o600;

async function newFile(path: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, 'wx', MODE);
  } catch (cause) {
    const there = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const why = there ? 'is there already; take another name' : 'cannot be written';
    throw new SmxError('SMX_CONFIG_INVALID', `${path} ${why}`, { cause });
  }
}

/** `smx record INSTANCE FILE [--for D] [--line N]`: until the time is over or Ctrl-C; 1 where the instance ended before. */
export const record: CommandRun = async (invocation) => {
  const [instance = '', path = ''] = invocation.args;
  const given = text(invocation, 'for');
  const time = given === undefined ? undefined : durationMs(given);
  const response = await ask(targetOf(invocation), `/api/v1/extensions/${encodeURIComponent(instance)}/capture`, {
    query: { line: text(invocation, 'line') },
    accept: 'text/plain',
  });
  const file = await newFile(path).catch((error: unknown) => {
    response.destroy();
    throw error;
  });
  const stopped = { asked: false };
  const stop = (): void => {
    stopped.asked = true;
    response.destroy();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const timer = time === undefined ? undefined : setTimeout(stop, time);
  if (time === undefined) complain('recording; Ctrl-C ends it');
  let bytes = 0;
  let tail = '';
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      await file.write(chunk);
      bytes += chunk.length;
      tail = (tail + chunk.toString('latin1')).slice(-300);
    }
  } catch (error) {
    // a stream that we broke off ourselves ends with an error
    if (!stopped.asked) throw error;
  } finally {
    clearTimeout(timer);
    await file.close();
  }
  const reason = /# the recording ended: (.*)\n$/.exec(tail)?.[1];
  if (invocation.values['json'] === true) print(JSON.stringify({ file: path, bytes, ended: reason ?? null }));
  else print(`${path}: ${bytes} bytes${reason === undefined ? '' : `; it ended early: ${reason}`}`);
  return stopped.asked ? 0 : 1;
};
