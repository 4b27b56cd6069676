import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Header } from '@nestjs/common';
import type { OpenApiDocument } from '../../openapi/document.js';
import { docsPage } from './docs-page.js';

/** Written by the build. */
const DOCUMENT = join(__dirname, '../../../dist/openapi.json');

/** What is served as it is: the description of the API, and it as a page. */
@Controller()
export class DocsController {
  @Get('api/openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  async openapi(): Promise<string> {
    return readFile(DOCUMENT, 'utf8');
  }

  @Get('api/docs')
  @Header('content-type', 'text/html; charset=utf-8')
  async docs(): Promise<string> {
    return docsPage(JSON.parse(await readFile(DOCUMENT, 'utf8')) as OpenApiDocument);
  }
}
