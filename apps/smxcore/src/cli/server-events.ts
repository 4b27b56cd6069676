import type { IncomingMessage } from 'node:http';
import { SmxError, describeError } from '@smx-edge/model';

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Events of an SSE answer (WHATWG HTML, server-sent events); comments are skipped. */
export async function* readEvents(response: IncomingMessage): AsyncGenerator<ServerEvent> {
  let rest = '';
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) {
      const blocks = (rest + (chunk as string)).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== undefined) yield event;
      }
    }
  } catch (error) {
    throw new SmxError('SMX_HTTP_UNREACHABLE', `the connection to the core broke (${describeError(error)})`, {
      cause: error,
    });
  }
}

function parseBlock(block: string): ServerEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const match = /^(event|data): ?(.*)$/.exec(line);
    if (match?.[1] === 'event') event = match[2]!;
    else if (match?.[1] === 'data') data.push(match[2]!);
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
}
