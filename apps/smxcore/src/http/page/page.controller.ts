import { readFile } from 'node:fs/promises';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';
import { DOORS, type Doors } from '../doors.js';
import { PageFiles, type PageFile } from './page-files.js';

/** A name that carries its hash never means anything else. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The page: the same few files for everybody, before any log-in. */
@Controller()
export class PageController {
  private readonly files = new PageFiles();

  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  async page(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer | null> {
    const page = this.files.documents?.[this.doors.setup.isNeeded ? 'setup' : 'login'];
    if (page === undefined)
      throw new SmxError('SMX_HTTP_NOT_FOUND', 'the page is not built here; `node scripts/build.js` does it');
    // asked again each time, so that an update of the box shows at once
    void reply.headers({ 'cache-control': 'no-cache', etag: page.etag });
    if (request.headers['if-none-match'] !== page.etag) return this.send(page, request, reply);
    void reply.code(304);
    return null;
  }

  @Get('assets/:file')
  async asset(
    @Param('file') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const file = this.files.asset(name);
    if (file === undefined) throw new SmxError('SMX_HTTP_NOT_FOUND', 'the page has no such file');
    void reply.header('cache-control', FOR_EVER);
    return this.send(file, request, reply);
  }

  private send(file: PageFile, request: FastifyRequest, reply: FastifyReply): Promise<Buffer> {
    const { path, type, isGzipped } = file;
    void reply.headers({ 'content-type': type, vary: 'accept-encoding' });
    if (!isGzipped || !takesGzip(request.headers['accept-encoding'])) return readFile(path);
    void reply.header('content-encoding', 'gzip');
    return readFile(`${path}.gz`);
  }
}

/** RFC 9110 §12.5.3, as far as browsers and programs use it. */
function takesGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*/))
    .some(([name, weight = '']) => name === 'gzip' && !/^q=0(\.0*)?$/.test(weight));
}
