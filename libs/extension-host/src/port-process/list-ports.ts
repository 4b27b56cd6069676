import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PortInfo } from './messages.js';

const SYS = '/sys/class/tty';
const BY_ID = '/dev/serial/by-id';

interface Places {
  /** sysfs folder of terminals, `/dev` and the folder of stable names; given by tests. */
  readonly sys?: string;
  readonly dev?: string;
  readonly byId?: string;
}

function text(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'latin1').trim() : undefined;
}

/** Real device path → the name that survives a replug. */
function stableNames(byId: string): Map<string, string> {
  const names = new Map<string, string>();
  if (!existsSync(byId)) return names;
  for (const name of readdirSync(byId)) {
    const path = join(byId, name);
    if (existsSync(path)) names.set(realpathSync(path), path);
  }
  return names;
}

/** The folder of the USB device above an interface of it. */
function usbFolder(device: string): string | undefined {
  for (let folder = realpathSync(device), steps = 0; steps < 6 && folder !== '/'; folder = dirname(folder), steps++)
    if (existsSync(join(folder, 'idVendor'))) return folder;
  return undefined;
}

/**
 * The serial ports of this box, from sysfs: no other program is asked, as slim systems have none. The kernel lists
 * UARTs that are not there as type 0 (Linux serial_core); those are left out.
 */
export function listPorts({ sys = SYS, dev = '/dev', byId = BY_ID }: Places = {}): PortInfo[] {
  if (!existsSync(sys)) return [];
  const stable = stableNames(byId);
  const ports: PortInfo[] = [];
  for (const name of readdirSync(sys).sort()) {
    const device = join(sys, name, 'device');
    if (!existsSync(device) || text(join(sys, name, 'type')) === '0') continue;
    const path = join(dev, name);
    if (!existsSync(path)) continue;
    const usb = usbFolder(device);
    const facts = usb === undefined ? {} : usbFacts(usb);
    ports.push({ path: stable.get(realpathSync(path)) ?? path, device: path, ...facts });
  }
  return ports;
}

function usbFacts(folder: string): Omit<PortInfo, 'path' | 'device'> {
  const facts = {
    manufacturer: text(join(folder, 'manufacturer')),
    serialNumber: text(join(folder, 'serial')),
    vendorId: text(join(folder, 'idVendor')),
    productId: text(join(folder, 'idProduct')),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
