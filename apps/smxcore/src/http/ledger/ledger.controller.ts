import { Readable } from 'node:stream';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError, type LedgerEntry } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import type { LedgerVerdictAnswer } from '../answers.js';
import { linkNext, MOST_PER_PAGE } from '../common/page.js';
import { asList, behind } from '../common/pieces.js';
import { Query } from '../common/query.js';
import { Manage, Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

const PIECE = 1000;
const LARGE = 64 * 1024;
const KEEP_ALIVE = 15_000;
const NDJSON = 'application/x-ndjson';

@Controller('api/v1/ledger')
export class LedgerController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('ledger')
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = new Query(request.query, ['limit', 'after', 'last']);
    const last = query.whole('last', { least: 1, most: PIECE });
    const limit = query.whole('limit', { least: 1, most: MOST_PER_PAGE }) ?? Infinity;
    const after = query.whole('after', { least: 0, most: Number.MAX_SAFE_INTEGER - 1 }) ?? 0;
    if (last !== undefined && (query.text('limit') ?? query.text('after')) !== undefined)
      query.fault('last', 'no limit and no after beside it');
    query.done();
    // numbers have no holes after the oldest that is kept, so the next page is known before this one is read
    const [first] =
      last !== undefined || limit === Infinity ? [] : await this.doors.ledger.ledger({ from: after + 1, limit: 1 });
    const next = (first?.seq ?? Infinity) + limit;
    const more = next === Infinity ? [] : await this.doors.ledger.ledger({ from: next, limit: 1 });
    if (more.length > 0) linkNext(request, reply, String(next - 1));
    const lines = (request.headers.accept ?? '').includes(NDJSON);
    const pieces = last === undefined ? this.pieces(after, limit) : this.tail(last);
    if (lines) this.send(reply, { pieces: asLines(pieces), type: NDJSON });
    else this.send(reply, { pieces: asList(pieces), type: 'application/json; charset=utf-8' });
  }

  @Get('verify')
  @Manage('ledger')
  async verify(@Res() reply: FastifyReply): Promise<void> {
    const pieces = whenDone(this.doors.ledger.verifyLedger());
    // what cannot be checked at all is a problem and no broken answer
    const first = await pieces.next();
    this.send(reply, { pieces: behind(first, pieces), type: 'application/json; charset=utf-8' });
  }

  @Get('export')
  @Manage('ledger')
  export(@Viewer() view: View, @Res() reply: FastifyReply): void {
    // who manages the ledger need not be who may see what was read from the meter
    const lines = this.doors.ledger.evidence((path) => view.profile(path)?.chain === 'whole');
    this.send(reply, { pieces: inPieces(lines), type: NDJSON });
  }

  private send(reply: FastifyReply, { pieces, type }: { pieces: AsyncIterable<string>; type: string }): void {
    const stream = Readable.from(pieces, { objectMode: true, highWaterMark: 1 });
    stream.on('error', (error) => this.doors.log.warn('a ledger answer broke off', { error: describeError(error) }));
    void reply.header('content-type', type).send(stream);
  }

  private async *tail(count: number): AsyncGenerator<readonly LedgerEntry[]> {
    const entries = await this.doors.ledger.ledger({ from: -count, limit: count });
    if (entries.length > 0) yield entries;
  }

  private async *pieces(after: number, limit: number): AsyncGenerator<readonly LedgerEntry[]> {
    let from = after + 1;
    for (let left = limit; left > 0;) {
      const entries = await this.doors.ledger.ledger({ from, limit: Math.min(PIECE, left) });
      if (entries.length === 0) return;
      yield entries;
      from = entries.at(-1)!.seq + 1;
      left -= entries.length;
    }
  }
}

/** A check of ten years takes minutes on a small box; blanks before its answer keep the connection open meanwhile. */
async function* whenDone(work: Promise<LedgerVerdictAnswer>): AsyncGenerator<string, void> {
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => (timer = setTimeout(resolve, KEEP_ALIVE)));
    try {
      const verdict = await Promise.race([work, waited]);
      if (typeof verdict === 'object') {
        yield JSON.stringify(verdict);
        return;
      }
    } finally {
      clearTimeout(timer);
    }
    yield ' ';
  }
}

async function* inPieces(lines: AsyncIterable<object>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += `${JSON.stringify(line)}\n`;
    if (piece.length < LARGE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

async function* asLines(pieces: AsyncIterable<readonly LedgerEntry[]>): AsyncGenerator<string> {
  for await (const entries of pieces) yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
