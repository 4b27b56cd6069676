import { createCipheriv, createDecipheriv } from 'node:crypto';
import {
  ByteReader,
  ByteWriter,
  decodeApdu,
  encodeDateTime,
  encodeGet,
  encodeLnResponse,
  open,
  readData,
  seal,
  unwrapCiphered,
  wrapCiphered,
  writeData,
  type CipherKeys,
  type Data,
  type GetRequest,
  type GetResponse,
} from '@smx-edge/protocols/cosem';
import { profileRows, type CaptureObject } from '@smx-edge/protocols/dlms';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuMs, cpuRate } from './support/cpu.js';

const ROUNDS = 5;
const REGISTERS = 12;
const ROWS = 4320;
const PERIOD = 900;

type Row = BenchRow & { readonly better: 'more' | 'less' };

const name = (c: number, d: number): Uint8Array => Uint8Array.of(1, 0, c, d, 0, 255);
const REQUEST: GetRequest = {
  ...{ apdu: 'get-request', type: 'with-list', invoke: 0xc1 },
  list: Array.from({ length: REGISTERS }, (_, i) => ({ classId: 3, name: name(21 + i, 7), attribute: 2 })),
};
const RESPONSE: GetResponse = {
  ...{ apdu: 'get-response', type: 'with-list', invoke: 0xc1 },
  list: Array.from({ length: REGISTERS }, (_, i) => ({
    data: { type: 'double-long-unsigned', value: 1_000_000 + i } as const,
  })),
};

/** What reading 12 registers costs a client: the request written, the answer understood. */
function plainRead(answer: Uint8Array): number {
  const request = encodeGet(REQUEST);
  const apdu = decodeApdu(answer);
  if (apdu.apdu !== 'get-response' || apdu.type !== 'with-list') throw new Error('no answer to a list');
  let sum = request.length;
  for (const one of apdu.list) if ('data' in one && one.data.type === 'double-long-unsigned') sum += one.data.value;
  return sum;
}

const KEYS: CipherKeys = { suite: 0, block: Buffer.alloc(16, 1), authentication: Buffer.alloc(16, 2) };
const CLIENT = Buffer.from('SMX00001');
const METER = Buffer.from('MTR00001');
const PROTECTION = { authenticated: true, encrypted: true };

function cipheredRead(answer: Uint8Array, counter: number): number {
  const request = encodeGet(REQUEST);
  const sealed = seal(request, { keys: KEYS, title: CLIENT, counter, protection: PROTECTION });
  const sent = wrapCiphered(request[0]!, sealed, 'glo').length;
  const { plain } = open(unwrapCiphered(answer)!.text, { keys: KEYS, title: METER, least: PROTECTION });
  const apdu = decodeApdu(plain);
  if (apdu.apdu !== 'get-response' || apdu.type !== 'with-list') throw new Error('no answer to a list');
  return sent + apdu.list.length;
}

/** The calls of the platform alone, over texts as long. */
function bareGcm(texts: { readonly request: Uint8Array; readonly answer: Uint8Array; readonly tag: Uint8Array }): void {
  const aad = Buffer.concat([Buffer.of(0x30), KEYS.authentication]);
  const iv = Buffer.concat([CLIENT, Buffer.alloc(4)]);
  const cipher = createCipheriv('aes-128-gcm', KEYS.block, iv, { authTagLength: 12 });
  cipher.setAAD(aad);
  cipher.update(texts.request);
  cipher.final();
  cipher.getAuthTag();
  const decipher = createDecipheriv('aes-128-gcm', KEYS.block, iv, { authTagLength: 12 });
  decipher.setAAD(aad);
  decipher.setAuthTag(texts.tag);
  decipher.update(texts.answer);
  decipher.final();
}

function bareTexts(plain: Uint8Array): Parameters<typeof bareGcm>[0] {
  const cipher = createCipheriv('aes-128-gcm', KEYS.block, Buffer.concat([CLIENT, Buffer.alloc(4)]), {
    authTagLength: 12,
  });
  cipher.setAAD(Buffer.concat([Buffer.of(0x30), KEYS.authentication]));
  const answer = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { request: encodeGet(REQUEST), answer, tag: cipher.getAuthTag() };
}

const COLUMNS: readonly CaptureObject[] = [
  { classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), attribute: 2 },
  { classId: 1, name: Uint8Array.of(0, 0, 96, 10, 7, 255), attribute: 2 },
  ...[1, 2, 5, 8].map((c) => ({ classId: 3, name: name(c, 8), attribute: 2 })),
];

/** 45 days of a quarter of an hour, each row with its clock. */
function profileBytes(): Uint8Array {
  const value: Data[] = Array.from({ length: ROWS }, (_, i) => ({
    type: 'structure',
    value: [
      { type: 'octet-string', value: encodeDateTime(i * PERIOD * 1000, { deviation: -120 }) },
      { type: 'unsigned', value: 0 },
      ...[0, 1, 2, 3].map((c): Data => ({ type: 'double-long-unsigned', value: 1_000_000 * c + i })),
    ],
  }));
  const writer = new ByteWriter();
  writeData(writer, { type: 'array', value });
  return writer.done();
}

/** ms of one core that one profile takes. */
function profileMs(bytes: Uint8Array): number {
  const start = cpuMs();
  const passes = 20;
  for (let i = 0; i < passes; i++) {
    const rows = profileRows(readData(new ByteReader(bytes)), { columns: COLUMNS, period: PERIOD });
    if (rows.length !== ROWS || rows.at(-1)!.t !== (ROWS - 1) * PERIOD * 1000) throw new Error('rows are missing');
  }
  return (cpuMs() - start) / passes;
}

async function run(): Promise<readonly Row[]> {
  const answer = encodeLnResponse(RESPONSE);
  const sealed = seal(answer, { keys: KEYS, title: METER, counter: 1, protection: PROTECTION });
  const ciphered = wrapCiphered(answer[0]!, sealed, 'glo');
  const texts = bareTexts(answer);
  const profile = profileBytes();
  let counter = 0;
  const plain = await medianOf(ROUNDS, () => cpuRate(() => plainRead(answer)));
  const bare = await medianOf(ROUNDS, () => cpuRate(() => bareGcm(texts)));
  const figure = await medianOf(ROUNDS, () => cpuRate(() => cipheredRead(ciphered, counter++)));
  profileMs(profile);
  const ms = await medianOf(ROUNDS, () => profileMs(profile));
  const reads = { unit: 'reads/s', better: 'more' } as const;
  return [
    { name: `DLMS list read of ${REGISTERS} registers, plain`, figure: plain, target: 60_000, limit: null, ...reads },
    {
      name: `DLMS list read of ${REGISTERS} registers, AES-GCM with tag, beside the bare calls`,
      // and at least half of what the platform's calls alone reach
      ...{ figure, target: Math.max(25_000, bare / 2), limit: bare, ...reads },
    },
    {
      name: `DLMS profile of ${ROWS} rows and ${COLUMNS.length} columns`,
      ...{ figure: ms, unit: 'ms', target: 15, limit: null, better: 'less' },
    },
  ];
}

export const bench: Bench = { name: 'cosem', run };
