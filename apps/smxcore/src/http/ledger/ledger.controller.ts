import { Readable } from 'node:stream';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError, type LedgerEntry } from '@smx-edge/model';
import type { LedgerVerdictAnswer } from '../answers.js';
import { linkNext, MOST_PER_PAGE } from '../common/page.js';
import { Query } from '../common/query.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

const PIECE = 1000;
const NDJSON = 'application/x-ndjson';

@Controller('api/v1/ledger')
export class LedgerController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('ledger')
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = new Query(request.query, ['limit', 'after']);
    const limit = query.whole('limit', { least: 1, most: MOST_PER_PAGE }) ?? Infinity;
    const after = query.whole('after', { least: 0, most: Number.MAX_SAFE_INTEGER - 1 }) ?? 0;
    query.done();
    // numbers have no holes, so the next page is known before this one is read
    const more = limit === Infinity ? [] : await this.doors.ledger.ledger({ from: after + limit + 1, limit: 1 });
    if (more.length > 0) linkNext(request, reply, String(after + limit));
    const lines = (request.headers.accept ?? '').includes(NDJSON);
    const pieces = this.pieces(after, limit);
    const stream = Readable.from(lines ? asLines(pieces) : asList(pieces), { objectMode: true, highWaterMark: 1 });
    stream.on('error', (error) => this.doors.log.warn('a ledger answer broke off', { error: describeError(error) }));
    void reply.header('content-type', lines ? NDJSON : 'application/json; charset=utf-8').send(stream);
  }

  @Get('verify')
  @Manage('ledger')
  verify(): Promise<LedgerVerdictAnswer> {
    return this.doors.ledger.verifyLedger();
  }

  private async *pieces(after: number, limit: number): AsyncGenerator<readonly LedgerEntry[]> {
    let from = after + 1;
    for (let left = limit; left > 0;) {
      const entries = await this.doors.ledger.ledger({ from, limit: Math.min(PIECE, left) });
      if (entries.length === 0) return;
      yield entries;
      from += entries.length;
      left -= entries.length;
    }
  }
}

async function* asLines(pieces: AsyncIterable<readonly LedgerEntry[]>): AsyncGenerator<string> {
  for await (const entries of pieces) yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

async function* asList(pieces: AsyncIterable<readonly LedgerEntry[]>): AsyncGenerator<string> {
  let before = '[';
  for await (const entries of pieces) {
    yield before + JSON.stringify(entries).slice(1, -1);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}
