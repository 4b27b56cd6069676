import type { FastifyRequest } from 'fastify';
import type { ErrorCode, SmxError } from '@smx-edge/model';
import type { Doors } from '../doors.js';
import { principalOf } from './viewer.js';

/** What a body was refused for; other refusals are told by those who know what was asked. */
const OF_BODIES: ReadonlySet<ErrorCode> = new Set([
  'SMX_HTTP_BAD_REQUEST',
  'SMX_HTTP_TOO_LARGE',
  'SMX_HTTP_MEDIA_TYPE',
]);

/** Counts what the API refuses; malformed requests that could change something go to the ledger, summed per minute. */
export class Refusals {
  constructor(private readonly doors: Pick<Doors, 'gate' | 'problems'>) {}

  add({ code }: SmxError, request: FastifyRequest): void {
    const { gate, problems } = this.doors;
    problems.set(code, (problems.get(code) ?? 0) + 1);
    if (request.method !== 'GET' && OF_BODIES.has(code)) gate.deny(principalOf(request) ?? 'unknown', `http ${code}`);
  }
}
