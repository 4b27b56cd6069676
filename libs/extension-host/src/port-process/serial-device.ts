import { read } from 'node:fs';
import { promisify } from 'node:util';
import { SerialPort } from 'serialport';
import { SmxError } from '@smx-edge/model';
import { parseMode, type LineSettings } from '@smx-edge/extension-api/transports';

const readFd = promisify(read);
const READ_SIZE = 4096;
/** Start, at most 8 data, parity and 2 stop bits. */
const BITS_PER_BYTE = 12;
/** Ms a write may take beyond its time on the wire. */
const STALLED = 5000;

/** What this file uses of the native binding. */
interface Binding {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', fn: (error: Error | null) => void): unknown; stop(): void };
  write(bytes: Buffer): Promise<void>;
  update(options: { baudRate: number }): Promise<void>;
  set(flags: { brk: boolean; dtr: boolean; rts: boolean; cts: boolean; dsr: boolean }): Promise<void>;
  drain(): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** An error of the binding as one of ours: it tells by text only. */
export function portError(error: unknown, path: string): SmxError {
  if (error instanceof SmxError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const because = (code: 'ABSENT' | 'PERMISSION' | 'BUSY' | 'UNSUPPORTED' | 'CONNECT', what: string): SmxError =>
    new SmxError(`SMX_TRANSPORT_${code}`, `${path}: ${what} (${text})`, { cause: error });
  if (/no such (file|device)|ENOENT|ENODEV|ENXIO|EIO|i\/o error/i.test(text))
    return because('ABSENT', 'the device is not there; check that it is plugged in');
  if (/permission denied|EACCES|EPERM/i.test(text))
    return because(
      'PERMISSION',
      'access is denied; add the user of the service to the group of the device (often dialout)',
    );
  if (/lock|busy|EBUSY/i.test(text)) return because('BUSY', 'another program holds the port');
  if (/inappropriate ioctl|ENOTTY|invalid argument|EINVAL|not supported/i.test(text))
    return because('UNSUPPORTED', 'this adapter cannot do that');
  return because('CONNECT', 'the port failed');
}

async function openBinding(path: string, baud: number, mode: string): Promise<Binding> {
  const parsed = parseMode(mode);
  if (parsed === undefined)
    throw new SmxError('SMX_TRANSPORT_UNSUPPORTED', `"${mode}" is no serial mode; write it like 8N1 or 7E1`);
  try {
    // hupcl off: a change of parity opens the port anew, and what DTR powers must not blink
    const port = await SerialPort.binding.open({ path, baudRate: baud, ...parsed, hupcl: false, lock: true });
    return port as unknown as Binding;
  } catch (error) {
    throw portError(error, path);
  }
}

interface DeviceEvents {
  /** `bytes` is only lent for the call. */
  readonly data: (bytes: Uint8Array) => void;
  readonly gone: (error: SmxError) => void;
}

/**
 * One opened serial port. It reads the descriptor itself: the library's stream takes the empty read of an unplugged
 * device for "try again" and would spin.
 */
export class SerialDevice {
  private binding: Binding;
  private events: DeviceEvents | undefined;
  private readonly buffer = Buffer.allocUnsafe(READ_SIZE);
  private pumping: Promise<void> = Promise.resolve();
  private generation = 0;
  private closed = false;
  private paused = false;
  private resumed: (() => void) | undefined;
  private dtr = true;
  private rts = true;

  private constructor(
    private readonly path: string,
    private settings: { baud: number; mode: string },
    binding: Binding,
  ) {
    this.binding = binding;
  }

  /** Rejects with SMX_TRANSPORT_ABSENT, _PERMISSION, _BUSY or _CONNECT. */
  static async open(path: string, settings: { baud: number; mode: string }): Promise<SerialDevice> {
    return new SerialDevice(path, settings, await openBinding(path, settings.baud, settings.mode));
  }

  start(events: DeviceEvents): void {
    this.events = events;
    this.pumping = this.pump(this.generation);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.resumed?.();
    this.resumed = undefined;
  }

  /** A device that takes nothing any more must not hold its port for ever: the port ends, and a new holder may open it. */
  async write(bytes: Uint8Array): Promise<void> {
    const wire = (bytes.length * BITS_PER_BYTE * 1000) / this.settings.baud;
    const timer = setTimeout(() => {
      const text = `${this.path}: the device takes no bytes; check cable and adapter`;
      this.events?.gone(new SmxError('SMX_TRANSPORT_CONNECT', text));
    }, STALLED + wire);
    try {
      await this.binding.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    } catch (error) {
      throw portError(error, this.path);
    } finally {
      clearTimeout(timer);
    }
  }

  async configure(settings: LineSettings): Promise<void> {
    const { baud = this.settings.baud, mode = this.settings.mode } = settings;
    // the binding's change of either throws away what has not left yet
    if (mode !== this.settings.mode || baud !== this.settings.baud) await this.drain();
    if (mode !== this.settings.mode) await this.reopen(baud, mode);
    else if (baud !== this.settings.baud) await this.call(this.binding.update({ baudRate: baud }));
    this.settings = { baud, mode };
    if (settings.dtr === undefined && settings.rts === undefined) return;
    const { dtr = this.dtr, rts = this.rts } = settings;
    await this.lines(dtr, rts, false);
    this.dtr = dtr;
    this.rts = rts;
  }

  async break(ms: number): Promise<void> {
    await this.lines(this.dtr, this.rts, true);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await this.lines(this.dtr, this.rts, false);
  }

  drain(): Promise<void> {
    return this.call(this.binding.drain());
  }

  /** What was written leaves first: the system's flush would throw it away too. */
  async flush(): Promise<void> {
    await this.drain();
    await this.call(this.binding.flush());
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.halt();
    await this.binding.close();
  }

  private async lines(dtr: boolean, rts: boolean, brk: boolean): Promise<void> {
    await this.call(this.binding.set({ dtr, rts, brk, cts: false, dsr: false }));
  }

  private async call(done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (error) {
      throw portError(error, this.path);
    }
  }

  /** The descriptor must not be closed while a read is on its way: its number may be taken by another file. */
  private async halt(): Promise<void> {
    this.generation++;
    this.resume();
    this.binding.poller.stop();
    await this.pumping;
  }

  private async reopen(baud: number, mode: string): Promise<void> {
    if (parseMode(mode) === undefined)
      throw new SmxError('SMX_TRANSPORT_UNSUPPORTED', `"${mode}" is no serial mode; write it like 8N1 or 7E1`);
    const paused = this.paused;
    await this.halt();
    try {
      await this.binding.close();
      this.binding = await openBinding(this.path, baud, mode);
    } catch (error) {
      this.closed = true;
      const fault = portError(error, this.path);
      this.events?.gone(fault);
      throw fault;
    }
    this.paused = paused;
    this.pumping = this.pump(this.generation);
  }

  private async pump(generation: number): Promise<void> {
    while (generation === this.generation) {
      if (this.paused) {
        await new Promise<void>((resolve) => (this.resumed = resolve));
        continue;
      }
      try {
        const length = await this.readSome(generation);
        if (length === 0) throw new SmxError('SMX_TRANSPORT_ABSENT', `${this.path}: the device was unplugged`);
        if (generation === this.generation && length > 0) this.events?.data(this.buffer.subarray(0, length));
      } catch (error) {
        if (generation !== this.generation) return;
        this.generation++;
        this.events?.gone(portError(error, this.path));
      }
    }
  }

  /** Bytes read; 0 = the end of the file, which a serial port only has when it is gone; -1 = try again. */
  private async readSome(generation: number): Promise<number> {
    const fd = this.binding.fd;
    if (fd === null) throw new SmxError('SMX_TRANSPORT_CLOSED', `${this.path} is closed`);
    try {
      const { bytesRead } = await readFd(fd, this.buffer, 0, READ_SIZE, null);
      return bytesRead;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EINTR') return -1;
      if (code !== 'EAGAIN' && code !== 'EWOULDBLOCK') throw error;
      // halted while the read was on its way: nobody would wake this any more
      if (generation === this.generation) await this.readable();
      return -1;
    }
  }

  private readable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.binding.poller.once('readable', (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }
}
