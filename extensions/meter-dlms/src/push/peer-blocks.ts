import type { PushOutcome, PushReceiver } from '@smx-edge/protocols/dlms';

/** Logical devices of one peer whose blocks are on their way at one time. */
const MOST = 4;

export type TakePush = (apdu: Uint8Array) => PushOutcome;

/** The blocks of one peer, apart for each of its logical devices: those of one are not joined to those of another. */
export class PeerBlocks {
  private readonly takers = new Map<number, TakePush>();

  constructor(private readonly receiver: PushReceiver) {}

  /** `device`: wPort of the sender. Of too many the one that was silent for longest begins anew. */
  of(device: number): TakePush {
    const take = this.takers.get(device) ?? this.receiver.connection();
    this.takers.delete(device);
    this.takers.set(device, take);
    if (this.takers.size > MOST) this.takers.delete(this.takers.keys().next().value!);
    return take;
  }
}
