import { cliPage } from './cli-page.js';
import { configPage } from './config-page.js';
import { errorsPage } from './errors-page.js';
import { httpPage } from './http-page.js';
import { messagesPage } from './messages-page.js';

/** Reference pages by file name under docs/reference. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    'cli.md': cliPage(),
    'config.md': configPage(),
    'errors.md': errorsPage(),
    'http.md': httpPage(),
    'messages.md': messagesPage(),
  };
}
