import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { Box, stop, until } from './smxcore-support.js';

const EXTENSION = `
exports.default = { async start(smx) {
  const device = smx.device('er', { interval: '1s' });
  device.point('soc', { unit: '%' });
  const link = smx.mqtt(smx.config.source);
  link.subscribe('/ER/SMX/soc', ({ payload }) => {
    device.set({ soc: Number(Buffer.from(payload).toString()) });
    link.publish('/PROFESS/SMX/heard', payload).catch((error) => smx.log.warn(error.message));
  });
} };`;

const MANIFEST = {
  name: 'er-reader',
  version: '1.0.0',
  main: 'index.js',
  smx: { api: '^1.0', title: 'Reader', permissions: { publish: ['soc'], network: true }, config: 'config.schema.json' },
};

const SCHEMA = { type: 'object', properties: { source: { type: 'string', format: 'source', kinds: ['mqtt'] } } };

const ROLES = {
  roles: {
    er: { mqtt: { publish: ['/ER/SMX/#'], subscribe: ['/PROFESS/SMX/#'] } },
    reader: { mqtt: { publish: ['/PROFESS/SMX/#'], subscribe: ['/ER/SMX/#'] } },
  },
};

it('an extension in its own process reads and tells a device at the local broker', async () => {
  const box = new Box();
  try {
    const folder = join(box.folder, 'var/packages/er-reader');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify(MANIFEST));
    writeFileSync(join(folder, 'config.schema.json'), JSON.stringify(SCHEMA));
    writeFileSync(join(folder, 'index.js'), EXTENSION);
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify(ROLES));
    const essentials = 'site: test\ndata: ./var\nhttp: { port: 0 }\nroles: ./roles.yaml\n';
    box.write(`${essentials}broker: { port: 0 }\n`);
    const token = async (role: string): Promise<string> => {
      const { out } = await box.smx(['token', 'create', '--role', role, '--json']);
      return (JSON.parse(out) as { token: string }).token;
    };
    const [device, reader] = [await token('er'), await token('reader')];
    const first = await box.core();
    const port = first.broker!.port;
    await stop(first.core);
    const allow = 'allow: { publish: [soc], network: true }';
    box.write(
      `${essentials}broker: { port: ${port} }\nextensions:\n  router: { use: er-reader, ${allow}, config: { source: "mqtt://reader:${reader}@127.0.0.1:${port}" } }\n`,
    );
    const { core } = await box.core();
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { username: 'er', password: device });
    const heard: string[] = [];
    client.on('message', (_topic, payload) => heard.push(payload.toString()));
    await client.subscribeAsync('/PROFESS/SMX/heard', { qos: 1 });
    await client.publishAsync('/ER/SMX/soc', '47.5', { qos: 1, retain: true });
    await until(() => heard.length > 0);
    expect(heard[0]).toBe('47.5');
    const { out } = await until(async () => {
      const answer = await box.smx(['read', 'er/soc']);
      return answer.out.includes('47.5') ? answer : undefined;
    });
    expect(out).toMatch(/47\.5/);
    client.end(true);
    await stop(core);
  } finally {
    await box.remove();
  }
});
