import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePages } from './index.js';

describe('the reference', () => {
  it.each(Object.entries(referencePages()))('%s is current; `node scripts/docs.js` writes it', (name, text) => {
    expect(readFileSync(join(__dirname, '../../../../docs/reference', name), 'utf8')).toBe(text);
  });

  it('names every key that a config may have', () => {
    const { 'config.md': page } = referencePages();
    for (const key of [
      'site',
      'http.tls.key',
      'history.15m',
      'extensions.NAME.limits.memory',
      'links.NAME.auth.password',
    ])
      expect(page).toContain(`\`${key}\``);
  });
});
