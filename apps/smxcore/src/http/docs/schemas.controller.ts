import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { SmxError } from '@smx-edge/model';

/** Written by the build. */
const FOLDER = join(__dirname, '../../../dist/schemas');
const FILE = /^(mqtt|http)\/\w+\.(schema|golden)\.json$/;

/** JSON Schemas and golden messages of every payload and body, as files; at the address itself what there is. */
@Controller('api/schemas')
export class SchemasController {
  @Get(['', '*'])
  @Header('content-type', 'application/json; charset=utf-8')
  async file(@Param('*') file = ''): Promise<string> {
    try {
      if (file === '') return await readFile(join(FOLDER, 'index.json'), 'utf8');
      if (FILE.test(file)) return await readFile(join(FOLDER, file), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    throw new SmxError('SMX_HTTP_NOT_FOUND', 'there is no such schema; /api/schemas/ lists them');
  }
}
