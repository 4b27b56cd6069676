import fc from 'fast-check';
import { isSmxError } from '@smx-edge/model';
import { parseMode } from './serial-mode.js';
import { parseSource } from './source.js';

function expectedOf(text: string): string {
  try {
    parseSource(text);
  } catch (error) {
    if (isSmxError(error) && error.code === 'SMX_TRANSPORT_SOURCE') return error.details[0]!.expected;
    throw error;
  }
  return 'nothing: it was taken';
}

describe('parseSource', () => {
  it.each([
    ['serial:/dev/ttyUSB0?baud=115200&mode=8N1', { kind: 'serial', path: '/dev/ttyUSB0', baud: 115200, mode: '8N1' }],
    ['serial:///dev/ttyS1?mode=7e1', { kind: 'serial', path: '/dev/ttyS1', mode: '7E1' }],
    ['tcp://127.0.0.1:2001', { kind: 'tcp', host: '127.0.0.1', port: 2001 }],
    ['tcp://host:80', { kind: 'tcp', host: 'host', port: 80 }],
    ['tcp://[::1]:2001', { kind: 'tcp', host: '::1', port: 2001, label: 'tcp://[::1]:2001' }],
    ['tcp-listen://0.0.0.0:0', { kind: 'tcp-listen', host: '0.0.0.0', port: 0 }],
    [
      'tls://meter.example:8883?ca=/etc/ca.pem&servername=m',
      { kind: 'tls', ca: '/etc/ca.pem', servername: 'm', insecure: false },
    ],
    ['tls://10.0.0.1:443?insecure=true', { kind: 'tls', insecure: true }],
    ['udp://239.12.255.254:9522?interface=192.0.2.1', { kind: 'udp', host: '239.12.255.254', interface: '192.0.2.1' }],
    [
      'ws://host:8080/p?token=x&insecure=false',
      { kind: 'ws', url: 'ws://host:8080/p?token=x', label: 'ws://host:8080/p' },
    ],
    [
      'http://user:pw@host/a?b=1&every=2s',
      { kind: 'http', url: 'http://user:pw@host/a?b=1', every: 2000, label: 'http://host/a' },
    ],
    ['https://host', { kind: 'http', every: 10_000, insecure: false }],
    [
      'file:captures/p1.smx?speed=2.5',
      { kind: 'file', path: 'captures/p1.smx', speed: 2.5, baud: 115200, loop: false },
    ],
    ['file:/a%20b?speed=max&loop=true', { kind: 'file', path: '/a b', speed: 0, loop: true }],
    [
      'mqtt://er:p%40w@host',
      { kind: 'mqtt', host: 'host', port: 1883, secure: false, user: 'er', password: 'p@w', label: 'mqtt://host:1883' },
    ],
    ['mqtts://[::1]:8884?ca=ca.pem', { kind: 'mqtt', host: '::1', port: 8884, secure: true, ca: 'ca.pem' }],
    ['modbus://192.0.2.10', { kind: 'modbus', host: '192.0.2.10', port: 502 }],
    [
      'modbus+rtu:/dev/ttyUSB1?baud=9600&mode=8E1',
      { kind: 'modbus-rtu', path: '/dev/ttyUSB1', baud: 9600, mode: '8E1' },
    ],
  ])('takes %s', (text, expected) => {
    expect(parseSource(text)).toMatchObject(expected);
  });

  it('does not invent a baud rate, so that a reader may look for it', () => {
    expect(parseSource('serial:/dev/ttyUSB0')).not.toHaveProperty('baud');
  });

  it.each([
    ['', /one of serial:/],
    ['/dev/ttyUSB0', /one of serial:/],
    ['ftp://host', /one of serial:/],
    ['TCP://host:1', /one of serial:/],
    ['serial:ttyUSB0', /absolute path/],
    ['serial:/dev/ttyUSB0?baud=fast', /baud as a number of 50 to 4000000/],
    ['serial:/dev/ttyUSB0?mode=8N3', /mode as data bits/],
    ['serial:/dev/ttyUSB0?speed=9600', /only the parameters baud, mode, not speed/],
    ['serial:/dev/%zz', /two hex digits/],
    ['tcp://host', /with a port/],
    ['tcp://host:0', /with a port/],
    ['tcp://host:70000', /tcp:\/\/host:port/],
    ['tcp://host:1/path', /without a path/],
    ['tcp://host:1?x=1', /no parameters, not x/],
    ['tls://host:1?insecure=maybe', /insecure as true or false/],
    ['http://host?every=10', /every as a duration/],
    ['http://host?every=1ms', /at least 100ms/],
    ['http://host?every=1s&every=2s', /every once/],
    ['file:', /file:PATH/],
    ['file:x?speed=-1', /speed as a number not below 0/],
    [`tcp://${'x'.repeat(3000)}:1`, /at most 2048/],
  ])('says what it expected instead of %s', (text, expected) => {
    expect(expectedOf(text)).toMatch(expected);
  });

  it('keeps credentials out of labels and messages', () => {
    for (const text of [
      'https://joe:secret@h/p',
      'wss://joe:secret@h/p?x=1',
      'mqtt://joe:secret@h',
      'tcp://joe:secret@h:1',
    ])
      expect(parseSource(text).label).not.toContain('secret');
    expect(() => parseSource('tcp://joe:secret@h')).toThrow(/^((?!secret).)*$/);
    expect(() => parseSource('http://joe:secret@h?every=x')).toThrow(/^((?!secret).)*$/);
  });

  it('takes or refuses any text with an error of its own', () => {
    const scheme = fc.constantFrom(
      'serial:',
      'tcp://',
      'tcp-listen://',
      'tls://',
      'udp://',
      'ws://',
      'http://',
      'file:',
      'mqtt://',
      'modbus://',
      '',
    );
    fc.assert(
      fc.property(scheme, fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (head, tail) => {
        expectedOf(head + tail);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseMode', () => {
  it('knows every mode of 5-8 bits, N/E/O, 1-2 stop bits and no other', () => {
    expect(parseMode('7E1')).toEqual({ dataBits: 7, parity: 'even', stopBits: 1 });
    expect(parseMode('5O2')).toEqual({ dataBits: 5, parity: 'odd', stopBits: 2 });
    for (const bad of ['9N1', '8M1', '8N0', '8N', '8n1', '8N1 ']) expect(parseMode(bad)).toBeUndefined();
  });
});
