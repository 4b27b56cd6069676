import { isAbsolute } from 'node:path';
import { shownFile } from '../config/index.js';

/** How commands find this box from where it was started; who only sees the page is not told paths of this machine. */
export function commandOption(file: string): string {
  const shown = shownFile(file);
  if (shown === 'config/smx.yaml') return '';
  return ` --config ${isAbsolute(shown) ? 'FILE' : shown}`;
}
