import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CODES, SmxError, describeError, isSmxError, type ErrorCode, type Log } from '@smx-edge/model';
import type { ProblemAnswer } from '../answers.js';
import { methodsOf } from '../operations.js';
import { Absent } from './absent.js';
import { TooMany } from './too-many.js';

/** RFC 9457 body of an error. */
export function problemOf(error: SmxError, status: number = ERROR_CODES[error.code].status): ProblemAnswer {
  return {
    type: 'about:blank',
    title: ERROR_CODES[error.code].help,
    status,
    detail: error.message,
    code: error.code,
    errors: error.details,
  };
}

/** Codes of what Fastify itself refuses, by HTTP status. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'SMX_HTTP_BAD_REQUEST',
  404: 'SMX_HTTP_NOT_FOUND',
  413: 'SMX_HTTP_TOO_LARGE',
  415: 'SMX_HTTP_MEDIA_TYPE',
};

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Every error leaves as problem details with a code of the table; faults of the box itself keep their text for the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    /** Told of each error that leaves. */
    private readonly told: (error: SmxError, request: FastifyRequest) => void = () => undefined,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.raw.headersSent) {
      // the status line is out: a cut connection is the only way left to say that this is not all
      this.log.warn('an answer broke off', { url: request.url, error: describeError(error) });
      reply.raw.destroy();
      return;
    }
    const known = this.known(error, request, reply);
    if (known instanceof TooMany) void reply.header('retry-after', String(known.seconds));
    const problem = problemOf(known, known instanceof Absent ? 404 : undefined);
    this.told(known, request);
    void reply.code(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(problem));
  }

  private known(error: unknown, request: FastifyRequest, reply: FastifyReply): SmxError {
    if (isSmxError(error)) return error;
    const status = statusOf(error);
    if (status === 404) {
      const allowed = methodsOf(request.url);
      if (allowed.length === 0 || allowed.includes(request.method))
        return new SmxError('SMX_HTTP_NOT_FOUND', `there is nothing at ${request.url.split('?')[0] ?? ''}`);
      void reply.header('allow', allowed.join(', '));
      return new SmxError('SMX_HTTP_METHOD', `${request.method} does not go here; ${allowed.join(' and ')} does`);
    }
    const code = status === undefined ? undefined : BY_STATUS[status];
    if (code !== undefined) return new SmxError(code, describeError(error), { cause: error });
    this.log.error('a request failed', {
      url: request.url,
      error: describeError(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    return new SmxError('SMX_INTERNAL', 'a fault of the box itself; its log has the origin', { cause: error });
  }
}
