import { nodeFlags } from './command-line.js';

const NOTHING = { files: [], publish: [], read: [], command: [], network: false, listen: false, serial: false };

it('lets an instance read its sources, and write none of them', () => {
  const flags = nodeFlags({
    child: '/x/child.js',
    folder: '/x/ext',
    runDir: '/x/run',
    permissions: NOTHING,
    memory: 64 << 20,
    sources: ['/var/a.txt'],
  });
  expect(flags).toContain('--allow-fs-read=/var/a.txt');
  expect(flags.filter((flag) => flag.startsWith('--allow-fs-write'))).toEqual([]);
});
