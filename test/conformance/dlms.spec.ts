import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decimalText } from '@smx-edge/model';
import * as cosem from '@smx-edge/protocols/cosem';
import type { Apdu, AttributeReference, CipherKeys, Data, GetResult, Selection } from '@smx-edge/protocols/cosem';
import { profileRows } from '@smx-edge/protocols/dlms';
import {
  ClientLink,
  decodeFrame,
  decodeLimits,
  encodeFrame,
  fcs16,
  HdlcFramer,
  type HdlcFrame,
} from '@smx-edge/protocols/hdlc';

/** Published and recorded bytes of DLMS meters with what they mean. */
const DATA = resolve(__dirname, '../../../shared/data/dlms');
const given = existsSync(join(DATA, 'README.md')) ? describe : describe.skip;

// what a file expects of a record is told in its own words
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Told = any;
interface Entry {
  readonly id: string;
  readonly hex: string;
  readonly expect: Told;
}

const read = (name: string): Entry[] =>
  existsSync(join(DATA, `${name}.json`))
    ? (JSON.parse(readFileSync(join(DATA, `${name}.json`), 'utf8')) as Entry[])
    : [];
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const cases = (name: string): [string, Entry][] => {
  const found = read(name).map((entry) => [entry.id, entry] as [string, Entry]);
  // jest wants one case at least; the whole block is skipped where there is no data
  return found.length > 0 ? found : [['none', { id: '', hex: '', expect: {} }]];
};

function told(data: Data): Told {
  switch (data.type) {
    case 'null-data':
    case 'dont-care':
      return null;
    case 'bit-string':
      return { bitString: { bits: data.bits, hex: hex(data.value) } };
    case 'octet-string':
      return { octets: hex(data.value) };
    case 'date-time':
      return { dateTime: hex(data.value) };
    case 'date':
    case 'time':
      return { [data.type]: hex(data.value) };
    case 'long64':
    case 'long64-unsigned':
      return Number.isSafeInteger(Number(data.value)) ? Number(data.value) : { bigint: data.value.toString() };
    case 'array':
    case 'structure':
    case 'compact-array':
      return data.value.map(told);
    default:
      return data.value;
  }
}

const name = (octets: Uint8Array): string => {
  const { a, b, c, d, e, f } = cosem.decodeName(octets);
  return [a, b, c, d, e, f].join('.');
};
const selection = (one: Selection | undefined): Told =>
  one === undefined ? null : { selector: one.selector, parameters: told(one.parameters) };
const attribute = (one: AttributeReference): Told => ({
  attribute: { class_id: one.classId, ln: name(one.name), id: one.attribute },
  selection: selection(one.selection),
});
const result = (one: GetResult): Told => ('data' in one ? { data: told(one.data) } : { data_access_result: one.error });
const invoked = (invoke: number): Told => ({
  invoke_id: invoke & 0x0f,
  confirmed: (invoke & 0x40) !== 0,
  priority: (invoke & 0x80) !== 0,
});
const capabilities = (bits: number): string[] => [...cosem.capabilities(bits)].map((one) => one.replaceAll('-', '_'));

/** What the files say of an APDU, as far as they say it of each kind. */
function describeApdu(apdu: Apdu): Told {
  switch (apdu.apdu) {
    case 'get-request': {
      const head = { apdu: apdu.apdu, type: apdu.type, ...invoked(apdu.invoke) };
      if (apdu.type === 'normal') return { ...head, ...attribute(apdu.attribute) };
      return apdu.type === 'next' ? { ...head, block_number: apdu.block } : { ...head, list: apdu.list.map(attribute) };
    }
    case 'set-request': {
      const { apdu: kind, type, invoke, data } = apdu;
      return { apdu: kind, type, ...invoked(invoke), ...attribute(apdu.attribute), data: told(data) };
    }
    case 'action-request': {
      const { method, parameters } = apdu;
      return {
        ...{ apdu: apdu.apdu, type: apdu.type, ...invoked(apdu.invoke) },
        method: { class_id: method.classId, ln: name(method.name), id: method.method },
        ...(parameters === undefined ? {} : { parameters: told(parameters) }),
      };
    }
    case 'get-response': {
      const head = { apdu: apdu.apdu, type: apdu.type, ...invoked(apdu.invoke) };
      if (apdu.type === 'normal') return { ...head, ...result(apdu.result) };
      if (apdu.type === 'with-list') return { ...head, list: apdu.list.map(result) };
      const content = 'raw' in apdu.result ? {} : { data_access_result: apdu.result.error };
      return { ...head, last_block: apdu.last, block_number: apdu.block, ...content };
    }
    case 'set-response':
      return { apdu: apdu.apdu, type: apdu.type, ...invoked(apdu.invoke), data_access_result: apdu.result };
    case 'action-response': {
      const back = apdu.returned === undefined ? {} : { return: result(apdu.returned) };
      return { apdu: apdu.apdu, type: apdu.type, ...invoked(apdu.invoke), action_result: apdu.result, ...back };
    }
    case 'read-request':
      return {
        apdu: apdu.apdu,
        specs: apdu.list.map((one) => {
          if ('block' in one) return { block_number: one.block };
          const { selector, parameters } = one.selection ?? {};
          const chosen = parameters === undefined ? {} : { selector, parameter: told(parameters) };
          return { variable_name: one.name, ...chosen };
        }),
      };
    case 'read-response':
      return {
        apdu: apdu.apdu,
        results: apdu.list.map((one) =>
          'data' in one ? { data: told(one.data) } : 'error' in one ? { error: one.error } : {},
        ),
      };
    case 'aarq':
    case 'aare':
      return {
        apdu: apdu.apdu,
        application_context: apdu.context,
        ...(apdu.mechanism === undefined ? {} : { mechanism: apdu.mechanism }),
        ...(apdu.authentication === undefined ? {} : { authentication_value: hex(apdu.authentication) }),
        ...(apdu.apdu === 'aare' ? { result: apdu.result } : {}),
      };
    case 'initiate-request':
      return {
        apdu: apdu.apdu,
        ...(apdu.dedicatedKey === undefined ? {} : { dedicated_key: hex(apdu.dedicatedKey) }),
        conformance: capabilities(apdu.conformance),
        client_max_receive_pdu: apdu.maxPdu,
      };
    case 'initiate-response':
      return {
        apdu: apdu.apdu,
        ...(apdu.qos === undefined ? {} : { qos: apdu.qos }),
        conformance: capabilities(apdu.conformance),
        server_max_receive_pdu: apdu.maxPdu,
        vaa_name: apdu.vaaName.toString(16).padStart(4, '0'),
      };
    case 'rlrq':
    case 'rlre':
      return { apdu: apdu.apdu, ...(apdu.reason === undefined ? {} : { reason: apdu.reason }) };
    case 'data-notification':
      return {
        apdu: apdu.apdu,
        long_invoke_id_hex: (apdu.invoke >>> 0).toString(16).padStart(8, '0'),
        date_time_hex: hex(apdu.dateTime),
        data: told(apdu.data),
      };
    default:
      return { apdu: apdu.apdu };
  }
}

/** The bytes an APDU is written as; undefined for what this product never writes. */
function encode(apdu: Apdu): Uint8Array | undefined {
  const writer = new cosem.ByteWriter();
  switch (apdu.apdu) {
    case 'get-request':
      return cosem.encodeGet(apdu);
    case 'get-response':
    case 'set-response':
    case 'action-response':
      return cosem.encodeLnResponse(apdu);
    case 'read-request':
      return cosem.encodeRead(apdu);
    case 'read-response':
      return cosem.encodeReadResponse(apdu);
    case 'aarq':
      return cosem.encodeAarq(apdu);
    case 'aare':
      return cosem.encodeAare(apdu);
    case 'rlrq':
    case 'rlre':
      return cosem.encodeRelease(apdu);
    case 'initiate-request':
      cosem.writeInitiateRequest(writer, apdu);
      return writer.done();
    case 'initiate-response':
      cosem.writeInitiateResponse(writer, apdu);
      return writer.done();
    case 'data-notification':
      return cosem.encodeNotification(apdu);
    case 'confirmed-service-error':
    case 'exception-response':
      return cosem.encodeServiceError(apdu);
    default:
      return undefined;
  }
}

/** What makes a decoded APDU the one that is expected: its own words, and those of the initiate within. */
function check(apdu: Apdu, expected: Told): void {
  expect(expected).toMatchObject(describeApdu(apdu));
  const inside = 'userInformation' in apdu ? apdu.userInformation : undefined;
  expect(inside === undefined).toBe(expected.user_information === undefined);
  if (inside === undefined) return;
  const within = cosem.decodeApdu(inside);
  if (within.apdu === 'ciphered') expect(hex(inside)).toBe(expected.user_information.raw);
  else expect(expected.user_information).toMatchObject(describeApdu(within));
}

given('the bytes of DLMS meters', () => {
  it.each(cases('dlms_fcs'))('%s: checksum', (_id, entry) => {
    expect(fcs16(bytes(entry.hex))).toBe(Number(entry.expect.fcs));
  });

  it.each(cases('dlms_hdlc'))('%s: frame', (_id, { hex: line, expect: expected }) => {
    const frames: HdlcFrame[] = [];
    const framer = new HdlcFramer((frame) => frames.push(frame));
    for (const byte of bytes(line)) framer.push(Uint8Array.of(byte));
    expect(frames).toHaveLength(1);
    const [frame] = frames as [HdlcFrame];
    const { segmented, to, from, control, info } = frame;
    expect({ segmented, dest_hex: hex(to), src_hex: hex(from), control, info: hex(info) }).toEqual({
      segmented: expected.segmented,
      dest_hex: expected.dest_hex,
      src_hex: expected.src_hex,
      control: expected.control,
      info: expected.info,
    });
    expect(hex(encodeFrame(frame))).toBe(line);
    if (expected.negotiation === undefined) return;
    const { max_info_tx, max_info_rx, window_tx, window_rx } = expected.negotiation;
    expect(decodeLimits(info)).toEqual({
      infoTransmit: max_info_tx,
      infoReceive: max_info_rx,
      windowTransmit: window_tx,
      windowReceive: window_rx,
    });
  });

  it.each(cases('dlms_hdlc_bad'))('%s: no frame', (_id, { hex: line, expect: expected }) => {
    const frames: HdlcFrame[] = [];
    const framer = new HdlcFramer((frame) => frames.push(frame));
    framer.push(bytes(line));
    expect(frames).toEqual([]);
    if (expected.reason !== 'incomplete') expect(decodeFrame(bytes(line).subarray(1, -1))).toBe(expected.reason);
  });

  it.each(cases('dlms_hdlc_stream'))('%s: frames on a line', (_id, { hex: line, expect: expected }) => {
    const link = new ClientLink({ client: 16, server: { upper: 1 } });
    link.connect();
    let [frames, echoes] = [0, 0];
    const framer = new HdlcFramer((frame) => {
      const isEcho = link.receive(frame).some((step) => step.kind === 'ignored' && step.why === 'echo');
      if (isEcho) echoes++;
      else frames++;
    });
    framer.push(bytes(line));
    expect([frames, echoes]).toEqual([expected.frames, expected.echo_frames ?? 0]);
  });

  it.each(cases('dlms_axdr'))('%s: value', (_id, entry) => {
    const data = cosem.readData(new cosem.ByteReader(bytes(entry.hex)));
    expect(told(data)).toEqual(entry.expect.value);
    const writer = new cosem.ByteWriter();
    cosem.writeData(writer, data);
    expect(hex(writer.done())).toBe(entry.hex);
  });

  it.each([...cases('dlms_apdu'), ...cases('dlms_apdu_sn')])('%s: APDU', (_id, entry) => {
    const apdu = cosem.decodeApdu(bytes(entry.hex));
    check(apdu, entry.expect);
    const written = encode(apdu);
    if (written !== undefined) expect(hex(written)).toBe(entry.hex);
  });

  it.each(cases('dlms_datetime'))('%s: date and time', (_id, entry) => {
    const time = cosem.decodeDateTime(bytes(entry.hex))!;
    const { year, month, day, dow, hour, minute, second, hundredths, deviation_min, status, utc } = entry.expect;
    expect(time).toMatchObject({ year, month, day, hour, minute, second, hundredths });
    expect([time.dayOfWeek ?? null, time.deviation ?? null, time.status.raw]).toEqual([dow, deviation_min, status]);
    if (utc === undefined) return;
    expect(new Date(cosem.utcTime(time)!).toISOString()).toBe(utc.replace('Z', '.000Z'));
    const again = cosem.encodeDateTime(cosem.utcTime(time)!, { deviation: deviation_min, dst: time.status.dst });
    expect(hex(again)).toBe(entry.hex);
  });

  it.each(cases('dlms_scaler'))('%s: scaled value', (_id, { expect: { raw, scaler, value } }) => {
    expect(decimalText(BigInt(raw), scaler)).toBe(value);
  });

  it.each(cases('dlms_wrapper'))('%s: wrapper', (_id, { hex: line, expect: expected }) => {
    const pdus: cosem.WrapperPdu[] = [];
    const framer = new cosem.WrapperFramer((pdu) => pdus.push(pdu));
    for (const byte of bytes(line)) framer.push(Uint8Array.of(byte));
    if (expected.pdus !== undefined) expect(pdus.map(({ apdu }) => hex(apdu))).toEqual(expected.pdus);
    else expect(pdus).toMatchObject([{ source: expected.source_wport, destination: expected.destination_wport }]);
    expect(Buffer.concat(pdus.map((pdu) => cosem.encodeWrapper(pdu))).toString('hex')).toBe(line);
  });

  it.each(cases('dlms_wrapper_bad'))('%s: no wrapper', (_id, entry) => {
    const framer = new cosem.WrapperFramer(() => undefined);
    expect(() => framer.push(bytes(entry.hex))).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_APDU' }));
  });

  const keysOf = (expected: Told): CipherKeys => ({
    suite: expected.suite ?? 0,
    block: bytes(expected.block_cipher_key),
    authentication: bytes(expected.authentication_key),
  });
  const nothing = { authenticated: false, encrypted: false };

  it.each(cases('dlms_ciphering'))('%s: ciphered APDU', (_id, { hex: line, expect: expected }) => {
    const { text, plainTag } = cosem.unwrapCiphered(bytes(line))!;
    const keys = keysOf(expected);
    const title = bytes(expected.system_title);
    const opened = cosem.open(text, { keys, title, least: nothing });
    expect([hex(opened.plain), opened.counter]).toEqual([expected.plaintext, expected.invocation_counter]);
    const { authenticated, encrypted, counter } = cosem.cipherHeader(text);
    const sealed = cosem.seal(opened.plain, { keys, title, counter, protection: { authenticated, encrypted } });
    expect(hex(cosem.wrapCiphered(plainTag!, sealed, 'glo'))).toBe(line);
    const wanted = { authenticated: true, encrypted: true };
    if (!encrypted)
      expect(() => cosem.open(text, { keys, title, least: wanted })).toThrow(
        expect.objectContaining({ code: 'SMX_PROTOCOL_CIPHER' }),
      );
  });

  it.each(cases('dlms_ciphering_bad'))('%s: wrong tag', (_id, { hex: line, expect: expected }) => {
    const { text, title } = cosem.unwrapCiphered(bytes(line))!;
    expect(() => cosem.open(text, { keys: keysOf(expected), title: title!, least: nothing })).toThrow(
      expect.objectContaining({ code: 'SMX_PROTOCOL_CIPHER' }),
    );
  });

  it.each(cases('dlms_push'))('%s: push', (_id, { hex: line, expect: expected }) => {
    const pdus: cosem.WrapperPdu[] = [];
    new cosem.WrapperFramer((pdu) => pdus.push(pdu)).push(bytes(line));
    const [{ apdu }] = pdus as [cosem.WrapperPdu];
    const ciphered = cosem.unwrapCiphered(apdu);
    if (ciphered === undefined) {
      check(cosem.decodeApdu(apdu), expected);
      return;
    }
    const { text, title } = ciphered;
    const { plain } = cosem.open(text, { keys: keysOf(expected), title: title!, least: nothing });
    expect(hex(plain)).toBe(expected.plaintext);
    check(cosem.decodeApdu(plain), expected.decoded);
  });

  it.each(cases('dlms_hls'))('%s: proofs', (_id, { hex: proof, expect: expected }) => {
    const { mechanism, secret, client_title, client_system_title, server_title, ctos = '', stoc } = expected;
    const exchange: cosem.HlsExchange = {
      ...{ mechanism, ctos: bytes(ctos), stoc: bytes(stoc) },
      ...(secret === undefined ? {} : { secret: Buffer.from(secret) }),
      ...(expected.block_cipher_key === undefined ? {} : { keys: keysOf(expected) }),
      clientTitle: bytes(client_title ?? client_system_title ?? ''),
      serverTitle: bytes(server_title ?? ''),
    };
    const counter = (text: string): number => (mechanism === 5 ? bytes(text).readUInt32BE(1) : 0);
    const client = expected.client_reply ?? proof;
    expect(hex(cosem.hlsProof(exchange, 'client', counter(client)))).toBe(client);
    if (expected.server_reply === undefined) return;
    expect(cosem.hlsProves(exchange, 'server', bytes(expected.server_reply))).toBe(true);
    const wrong = bytes(expected.server_reply);
    wrong[wrong.length - 1]! ^= 1;
    expect(cosem.hlsProves(exchange, 'server', wrong)).toBe(false);
  });

  it.each(cases('dlms_keywrap'))('%s: wrapped key', (_id, { hex: wrapped, expect: { kek, key } }) => {
    expect(hex(cosem.wrapKey(bytes(kek), bytes(key)))).toBe(wrapped);
    expect(hex(cosem.unwrapKey(bytes(kek), bytes(wrapped)))).toBe(key);
    expect(() => cosem.unwrapKey(bytes(key), bytes(wrapped))).toThrow(
      expect.objectContaining({ code: 'SMX_PROTOCOL_CIPHER' }),
    );
  });

  it.each(cases('dlms_profile'))('%s: rows of a profile', (_id, { hex: line, expect: expected }) => {
    const clock = { classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), attribute: 2 };
    const other = { ...clock, classId: 1 };
    const buffer = cosem.readData(new cosem.ByteReader(bytes(line)));
    const rows = profileRows(buffer, { columns: [clock, other, other, other], period: expected.capture_period_s });
    expect(rows.map(({ t }) => new Date(t!).toISOString())).toEqual(
      expected.clock.map((at: string) => at.replace('Z', '.000Z')),
    );
    expect(rows.map(({ values }) => values.slice(1).map(told))).toEqual(
      expected.rows_raw.map((row: Told[]) => row.slice(1)),
    );
  });

  it('quirk-001 to -003: lengths that are wrong, a protocol version, junk behind the last block', () => {
    const [release, version, junk] = read('dlms_quirk') as [Entry, Entry, Entry];
    expect(cosem.decodeApdu(bytes(release.hex))).toMatchObject({ apdu: 'rlre', reason: 0 });
    expect(cosem.decodeApdu(bytes(version.hex))).toMatchObject({ apdu: 'aare', result: 0 });
    const block = cosem.decodeApdu(bytes(junk.hex));
    expect(block).toMatchObject({
      type: 'with-datablock',
      last: true,
      result: { raw: expect.objectContaining({ length: 0 }) },
    });
  });

  it.each(cases('dlms_exchange'))('%s: dialogue', (_id, { expect: { transport, frames, apdus } }) => {
    const found: string[] = [];
    const parts = new Map<string, Buffer[]>();
    for (const [side, line] of frames as [string, string][]) {
      if (transport === 'wrapper') new cosem.WrapperFramer(({ apdu }) => found.push(hex(apdu))).push(bytes(line));
      else
        new HdlcFramer(({ control, info, segmented }) => {
          if (control.type !== 'I') return;
          const before = parts.get(side) ?? [];
          parts.set(side, segmented ? [...before, Buffer.from(info)] : []);
          // behind the LLC header
          if (!segmented) found.push(hex(Buffer.concat([...before, info]).subarray(3)));
        }).push(bytes(line));
    }
    expect(found).toEqual((apdus as [string, string, Told][]).map(([, apdu]) => apdu));
    for (const [, line, expected] of apdus as [string, string, Told][]) {
      const apdu = cosem.decodeApdu(bytes(line));
      if (apdu.apdu === 'ciphered') {
        const { sc, ic } = expected;
        const header = cosem.cipherHeader(apdu.text);
        expect([apdu.text[0], header.counter]).toEqual([sc, ic]);
        if (expected.decoded !== undefined) check(cosem.decodeApdu(bytes(expected.plaintext)), expected.decoded);
      } else check(apdu, expected);
    }
  });
});
