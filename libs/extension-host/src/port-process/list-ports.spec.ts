import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listPorts } from './list-ports.js';

describe('list of serial ports', () => {
  let dir: string;

  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'smx-tty-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function tty(name: string, folder: string, type?: string): void {
    const sys = join(dir, 'class', name);
    mkdirSync(sys, { recursive: true });
    mkdirSync(join(dir, folder), { recursive: true });
    symlinkSync(join(dir, folder), join(sys, 'device'));
    if (type !== undefined) writeFileSync(join(sys, 'type'), `${type}\n`);
    mkdirSync(join(dir, 'dev'), { recursive: true });
    writeFileSync(join(dir, 'dev', name), '');
  }

  it('names what is there, with USB facts and the name that stays, and leaves out UARTs that are not there', () => {
    tty('ttyUSB0', 'usb/1-1/1-1:1.0/ttyUSB0');
    writeFileSync(join(dir, 'usb/1-1/idVendor'), '0403\n');
    writeFileSync(join(dir, 'usb/1-1/idProduct'), '6001\n');
    writeFileSync(join(dir, 'usb/1-1/manufacturer'), 'FTDI\n');
    tty('ttyAMA0', 'platform/uart0', '32');
    tty('ttyS1', 'platform/serial8250', '0');
    mkdirSync(join(dir, 'class', 'console'));
    mkdirSync(join(dir, 'by-id'));
    symlinkSync(join(dir, 'dev', 'ttyUSB0'), join(dir, 'by-id', 'usb-FTDI_P1-if00-port0'));

    const found = listPorts({ sys: join(dir, 'class'), dev: join(dir, 'dev'), byId: join(dir, 'by-id') });

    expect(found).toEqual([
      { path: join(dir, 'dev', 'ttyAMA0'), device: join(dir, 'dev', 'ttyAMA0') },
      {
        path: join(dir, 'by-id', 'usb-FTDI_P1-if00-port0'),
        device: join(dir, 'dev', 'ttyUSB0'),
        manufacturer: 'FTDI',
        vendorId: '0403',
        productId: '6001',
      },
    ]);
  });

  it('is empty on a system without sysfs', () => {
    expect(listPorts({ sys: join(dir, 'none') })).toEqual([]);
  });
});
