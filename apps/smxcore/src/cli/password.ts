import { SmxError } from '@smx-edge/model';

/** The password for a user: asked for twice without echo at a terminal, else the first line of stdin. */
export async function readPassword(name: string): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const first = await ask(`password for ${name}: `);
  if ((await ask('once more: ')) !== first)
    throw new SmxError('SMX_ACCESS_PASSWORD', 'the two are not the same; nothing was changed');
  return first;
}

async function firstLine(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += chunk as string;
    if (text.includes('\n') || text.length > 4096) break;
  }
  return text.split(/\r?\n/, 1)[0]!;
}

function ask(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  // before the prompt: who types at once is not shown either
  stdin.setEncoding('utf8').setRawMode(true).resume();
  stderr.write(prompt);
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = (settle: () => void): void => {
      stdin.off('data', take);
      stdin.setRawMode(false).pause();
      stderr.write('\n');
      settle();
    };
    const take = (keys: string): void => {
      for (const key of keys) {
        if (key === '\r' || key === '\n') {
          end(() => resolve(typed.join('')));
          return;
        }
        if (key === '\u0003' || key === '\u0004') {
          end(() => reject(new SmxError('SMX_ACCESS_PASSWORD', 'no password was given; nothing was changed')));
          return;
        }
        if (key === '\u007f' || key === '\b') typed.pop();
        else if (key === '\u0015') typed = [];
        else typed.push(key);
      }
    };
    stdin.on('data', take);
  });
}
