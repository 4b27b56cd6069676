/** Fixed-header view of an MQTT 3.1.1 byte stream (OASIS MQTT 3.1.1 §2.2), fed in any pieces. */
const SUBSCRIBE = 8;

const enum Part {
  Header,
  Length,
  Body,
}

/** Where a SUBSCRIBE body stands (§3.8.3): packet id, then (length, filter, QoS) again and again. */
const enum Sub {
  Id,
  LengthHigh,
  LengthLow,
  Filter,
  Qos,
}

/**
 * Counts packets, finds one that is too large before it is buffered, and lowers a requested QoS 2 to 1 in place,
 * so that the SUBACK grants what the broker keeps.
 */
export class FrameScanner {
  /** Complete packet headers seen. */
  packets = 0;
  private part = Part.Header;
  private type = 0;
  private left = 0;
  private shift = 0;
  private sub = Sub.Id;
  private subLeft = 0;

  /** Scans `bytes`; a reason where the stream breaks a rule, after which it must not be fed again. */
  scan(bytes: Buffer, limit: number): string | undefined {
    let i = 0;
    while (i < bytes.length) {
      if (this.part === Part.Body) {
        i = this.body(bytes, i);
        continue;
      }
      const byte = bytes[i++]!;
      if (this.part === Part.Header) {
        this.type = byte >> 4;
        this.part = Part.Length;
        this.left = 0;
        this.shift = 0;
        continue;
      }
      this.left += (byte & 0x7f) * 2 ** this.shift;
      this.shift += 7;
      if (this.left > limit) return `a packet of more than ${limit} bytes`;
      if (byte < 0x80) this.begin();
      else if (this.shift > 21) return 'a remaining length of more than four bytes';
    }
    return undefined;
  }

  private begin(): void {
    this.packets++;
    this.part = this.left === 0 ? Part.Header : Part.Body;
    this.sub = Sub.Id;
    this.subLeft = 2;
  }

  private body(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.left);
    if (this.type === SUBSCRIBE) for (let i = from; i < end;) i = this.subscribe(bytes, i, end);
    this.left -= end - from;
    if (this.left === 0) this.part = Part.Header;
    return end;
  }

  private subscribe(bytes: Buffer, i: number, end: number): number {
    switch (this.sub) {
      case Sub.LengthHigh:
        this.subLeft = bytes[i]! << 8;
        this.sub = Sub.LengthLow;
        return i + 1;
      case Sub.LengthLow:
        this.subLeft |= bytes[i]!;
        this.sub = this.subLeft === 0 ? Sub.Qos : Sub.Filter;
        return i + 1;
      case Sub.Qos:
        if (bytes[i] === 2) bytes[i] = 1;
        this.sub = Sub.LengthHigh;
        return i + 1;
      default: {
        const step = Math.min(this.subLeft, end - i);
        this.subLeft -= step;
        if (this.subLeft === 0) this.sub = this.sub === Sub.Id ? Sub.LengthHigh : Sub.Qos;
        return i + step;
      }
    }
  }
}
