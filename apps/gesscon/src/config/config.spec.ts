import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config.js';

it('says of a key that is none before a worker starts with it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smx-gesscon-config-'));
  try {
    const file = join(folder, 'gesscon.yaml');
    writeFileSync(join(folder, 'key.pem'), 'no key');
    writeFileSync(file, 'party: p\nbroker: { url: "mqtts://b", key: key.pem }\ndatabase: sqlite:g.db\n');
    expect(() => loadConfig(file)).toThrow(expect.objectContaining({ code: 'SMX_CONFIG_INVALID' }) as Error);
    expect(() => loadConfig(file)).toThrow(/broker: expected cert and key as PEM/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
