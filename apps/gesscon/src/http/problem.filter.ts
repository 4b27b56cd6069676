import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { describeError, ERROR_CODES, isSmxError, SmxError, type Log } from '@smx-edge/model';
import type { FastifyReply } from 'fastify';
import { throwError, type Observable } from 'rxjs';

/** Errors leave over HTTP as problem details with a code of the table (RFC 9457), and to the transport as they are. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | undefined {
    if (host.getType() === 'rpc') return throwError(() => error);
    const { code, message } = this.known(error);
    const { status, help } = ERROR_CODES[code];
    const body = { type: 'about:blank', title: help, status, detail: message, code };
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.code(status).header('content-type', 'application/problem+json').send(JSON.stringify(body));
    return undefined;
  }

  private known(error: unknown): SmxError {
    if (isSmxError(error)) return error;
    const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
    if (status === 404) return new SmxError('SMX_HTTP_NOT_FOUND', 'there is nothing at this address');
    if (status !== undefined && status < 500) return new SmxError('SMX_HTTP_BAD_REQUEST', describeError(error));
    this.log.error('a fault in a request', { error: describeError(error) });
    return new SmxError('SMX_INTERNAL', 'a fault of the controller itself');
  }
}
