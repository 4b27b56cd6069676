import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLine, type Line } from '@smx-edge/extension-api/transports';
import { PortProcess } from '@smx-edge/extension-host';
import { silentLog, systemClock } from '@smx-edge/model';
import type { ClientOptions, ClientStep, Reading } from '@smx-edge/protocols/iec62056-21';
import { IecReader } from './iec-reader.js';

const LOOK = 5;
/** A meter answers within 1.5 s, and no answer of one has a longer gap. */
const SILENCE = 3000;
const tools = { log: silentLog, clock: systemClock };

/** What one question took. */
export interface Took {
  readonly steps: readonly ClientStep[];
  /** From the first byte of the question to the last of the answer, ms. */
  readonly ms: number;
  /** What its bytes take on the line, both ways, at the speeds they had, ms. */
  readonly line: number;
  /** Bytes that came. */
  readonly received: number;
}

/** A reader on a real line: TCP, or a serial device through the port process. */
export class LineReader {
  private reader: IecReader | undefined;
  private baud = NaN;
  private onLine = 0;
  private received = 0;

  private constructor(
    private readonly line: Line,
    private readonly hasSpeed: boolean,
    private readonly release: () => Promise<void>,
  ) {
    void this.pump();
  }

  /** Resolves once the line is open. */
  static async open(source: string): Promise<LineReader> {
    const hasSpeed = source.startsWith('serial:');
    const folder = mkdtempSync(join(tmpdir(), 'smx-reader-'));
    const ports = hasSpeed ? new PortProcess({ runDir: folder, ...tools }) : undefined;
    const line = openLine(source, { ...tools, idle: 0, ...(ports !== undefined && { serial: ports }) });
    const reader = new LineReader(line, hasSpeed, async () => {
      await line.close();
      await ports?.close();
      rmSync(folder, { recursive: true, force: true });
    });
    await until(() => line.state.status !== 'connecting');
    return reader;
  }

  close(): Promise<void> {
    return this.release();
  }

  /** A conversation with a meter, after the one before; up to the readout, or until registers may be asked for. */
  signOn(options: ClientOptions, silence = SILENCE): Promise<Took> {
    const reader = new IecReader({
      ...{ ...options, silence, clock: systemClock },
      line: {
        write: (bytes, done) => void this.write(bytes).then(done),
        speed: (baud, done) => void this.speed(baud).then(done),
      },
    });
    this.reader = reader;
    return this.timed(reader, () => reader.open());
  }

  read(command: Reading, data: string): Promise<Took> {
    const { reader } = this;
    if (reader === undefined) throw new RangeError('nobody is signed on');
    return this.timed(reader, () => reader.read(command, data));
  }

  /** What was sent in this conversation, each of which was answered. */
  get messages(): number {
    return this.reader?.sent.length ?? 0;
  }

  private async timed(reader: IecReader, begin: () => void): Promise<Took> {
    const from = reader.seen.length;
    const [began, onLine, received] = [performance.now(), this.onLine, this.received];
    const through = reader.whenThrough();
    begin();
    await through;
    const ms = performance.now() - began;
    return { steps: reader.seen.slice(from), ms, line: this.onLine - onLine, received: this.received - received };
  }

  private async write(bytes: Uint8Array): Promise<void> {
    this.carried(bytes);
    await this.line.write(bytes);
    await this.line.drain();
  }

  private async speed(baud: number): Promise<void> {
    this.baud = baud;
    if (this.hasSpeed) await this.line.configure({ baud, mode: '8N1' });
  }

  private carried({ length }: Uint8Array): void {
    this.onLine += (length * 10_000) / this.baud;
  }

  private async pump(): Promise<void> {
    for await (const chunk of this.line) {
      this.carried(chunk);
      this.received += chunk.length;
      this.reader?.receive(chunk);
    }
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, LOOK));
}
