import { Controller, Get, Header } from '@nestjs/common';
import { VERSION } from '../../version.js';
import { docsPage, indexPage } from './pages.js';

/** What is served as it is: the description of the API and the pages. */
@Controller()
export class DocsController {
  private document: string | undefined;

  @Get('api/openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  async openapi(): Promise<string> {
    // made at the first request and kept as text, so that it costs nothing until somebody asks
    this.document ??= JSON.stringify((await import('../../openapi/document.js')).openApiDocument(VERSION));
    return this.document;
  }

  @Get('api/docs')
  @Header('content-type', 'text/html; charset=utf-8')
  async docs(): Promise<string> {
    return docsPage((await import('../../openapi/document.js')).openApiDocument(VERSION));
  }

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  index(): string {
    return indexPage(VERSION);
  }
}
