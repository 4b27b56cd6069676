import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { OpenApiDocument } from '../../openapi/document.js';
import { VERSION } from '../../version.js';
import { DOORS, type Doors } from '../doors.js';
import { docsPage, indexPage } from './pages.js';

/** Written by the build. */
const DOCUMENT = join(__dirname, '../../../dist/openapi.json');

/** What is served as it is: the description of the API and the pages. */
@Controller()
export class DocsController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

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

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  index(): string {
    return indexPage(VERSION, this.doors.option);
  }
}
