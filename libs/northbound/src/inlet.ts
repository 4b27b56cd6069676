import type { Socket } from 'node:net';
import type { Clock, Disposable } from '@smx-edge/model';
import { FrameScanner } from './frame-scanner.js';
import type { BrokerLimits } from './limits.js';
import { TokenBucket } from './send-budget.js';

export interface InletOptions {
  readonly clock: Clock;
  readonly limits: Pick<BrokerLimits, 'packet' | 'packetRate' | 'packetBurst'>;
  readonly onViolation: (reason: string) => void;
}

/**
 * Puts itself between a socket and the MQTT engine: ends a connection with an oversize packet before it is buffered,
 * and reads slower from one that sends too much, so that TCP itself holds the sender back.
 * It does so by replacing `read` of this one socket, which the engine calls; nothing is copied.
 */
export function guardInlet(socket: Socket, { clock, limits, onViolation }: InletOptions): void {
  const scanner = new FrameScanner();
  const bucket = new TokenBucket(limits.packetRate, limits.packetBurst, clock.monotonic());
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  let holding: Disposable | undefined;

  const held = (): boolean => {
    if (holding !== undefined) return true;
    const wait = bucket.wait(clock.monotonic());
    if (wait === 0) return false;
    holding = clock.after(wait, () => {
      holding = undefined;
      if (!socket.destroyed) socket.emit('readable');
    });
    return true;
  };

  socket.read = (size?: number): Buffer | null => {
    if (size === 0) return read(0);
    if (held()) return null;
    const bytes = read(size);
    if (bytes === null) return null;
    const before = scanner.packets;
    const fault = scanner.scan(bytes, limits.packet);
    bucket.spend(scanner.packets - before, clock.monotonic());
    if (fault === undefined) return bytes;
    onViolation(fault);
    socket.destroy();
    return null;
  };
  socket.once('close', () => holding?.dispose());
}
