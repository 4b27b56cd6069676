import type { LineState } from '@smx-edge/extension-api/transports';
import { TokenBucket } from '../process/token-bucket.js';

export interface InstanceCounters {
  samples: number;
  /** Samples and declarations that were refused. */
  rejected: number;
  exceptions: number;
  /** Samples that an instance over its rate, or a box behind, let fall for newer ones. */
  throttled: number;
}

export interface DeviceFact {
  /** As the extension asked. */
  readonly asked: string;
  /** The name in force. */
  readonly name: string;
  readonly refused?: string;
}

export interface OwnStatus {
  readonly state: 'ok' | 'busy' | 'warning' | 'error';
  readonly text?: string;
  readonly progress?: number;
}

/** What is known of an instance besides its process. Counters run over restarts, the rest is of the present run. */
export class InstanceFacts {
  readonly counters: InstanceCounters = { samples: 0, rejected: 0, exceptions: 0, throttled: 0 };
  readonly devices = new Map<number, DeviceFact>();
  readonly lines = new Map<number, LineState>();
  /** What was refused lately, in words. */
  readonly refusals: string[] = [];
  status: OwnStatus | undefined;
  private newPoints: TokenBucket | undefined;

  /** Points that never were before: at most `limit` at once, and as many again in a day. Runs over restarts. */
  births(limit: number): TokenBucket {
    return (this.newPoints ??= new TokenBucket(limit / 86_400, limit));
  }

  refuse(text: string): void {
    this.counters.rejected++;
    if (this.refusals.includes(text)) return;
    this.refusals.push(text);
    if (this.refusals.length > 10) this.refusals.shift();
  }

  /** A new process begins. */
  renew(): void {
    this.devices.clear();
    this.lines.clear();
    this.refusals.length = 0;
    this.status = undefined;
  }
}
