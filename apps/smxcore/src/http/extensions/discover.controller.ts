import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { listPorts, type PortInfo } from '@smx-edge/extension-host';
import { describeError, isSmxError, SmxError } from '@smx-edge/model';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

interface Wish {
  readonly use: string;
  readonly source: string;
}

/** An empty line so often, so that a discovery that thinks is no dead connection. */
const SIGN_OF_LIFE = 15_000;
const LONGEST = 500;

function wishOf(body: unknown): Wish {
  const {
    use,
    source = '',
    ...rest
  } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const details = Object.keys(rest).map((path) => ({ path, expected: 'no such key; there are use and source' }));
  if (typeof use !== 'string' || use.length > LONGEST)
    details.push({ path: 'use', expected: 'the name of an installed extension' });
  if (typeof source !== 'string' || source.length > LONGEST)
    details.push({ path: 'source', expected: 'a source like serial:/dev/ttyUSB0' });
  if (details.length > 0) throw new SmxError('SMX_HTTP_BAD_REQUEST', 'this is no wish for a discovery', { details });
  return { use: use as string, source: source as string };
}

@Controller('api/v1/discover')
export class DiscoverController {
  private busy = false;

  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('extensions')
  list(): { extensions: { use: string; title: string; version: string; problem?: string }[]; ports: PortInfo[] } {
    const extensions = this.doors.workshop.extensions.map(({ use, title, version, problem }) => ({
      use,
      title,
      version,
      ...(problem === undefined ? {} : { problem: problem.message }),
    }));
    return { extensions, ports: listPorts() };
  }

  @Post()
  @Manage('extensions')
  async discover(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { use, source } = wishOf(body);
    const { workshop, clock } = this.doors;
    if (!workshop.extensions.some((other) => other.use === use))
      throw new SmxError('SMX_EXTENSION_UNKNOWN', `No extension "${use}" is installed`);
    if (this.busy) {
      void reply.header('retry-after', '10');
      throw new SmxError('SMX_HTTP_RATE', 'a discovery is running already; one at a time');
    }
    this.busy = true;
    const { raw } = reply;
    const given = new AbortController();
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'application/x-ndjson; charset=utf-8',
    });
    raw.on('close', () => given.abort());
    raw.on('error', () => given.abort());
    const say = (what: object): void => void raw.write(`${JSON.stringify(what)}\n`);
    const live = (): void => {
      raw.write('\n');
      timer = clock.after(SIGN_OF_LIFE, live);
    };
    let timer = clock.after(SIGN_OF_LIFE, live);
    try {
      say({ done: await workshop.discover(use, source, { onStep: (step) => say({ step }), signal: given.signal }) });
    } catch (error) {
      const { code, message } = isSmxError(error) ? error : { code: 'SMX_INTERNAL', message: describeError(error) };
      say({ error: { code, message } });
    } finally {
      timer.dispose();
      this.busy = false;
      raw.end();
    }
  }
}
