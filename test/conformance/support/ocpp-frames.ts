/** A message and the sizes in which it is sent: more than one where it goes in fragments (RFC 6455 §5.4). */
export interface MadeFrame {
  readonly data: Buffer;
  readonly isBinary: boolean;
  readonly pieces: readonly number[];
}

const ACTIONS = ['Heartbeat', 'MeterValues', 'StatusNotification', 'DataTransfer', 'NotifyEvent'] as const;

/** Numbers that no reader with doubles gives back, duplicate keys, blanks and escapes: what a parse and a write would change. */
const BODIES = [
  '{}',
  '{"a":12345678901234567890,"b":1.0,"c":1e400,"d":-0}',
  '{"a":1,"a":2, "a" : [ ] }',
  '{\t"text" : "\\u00e9\\/\\ud800 é 漢 \u{1f50c}" }\r\n',
  '{"data":"',
  'not JSON',
];

/**
 * Messages as they may be on a wire, the same for the same `random`: text, binary, empty, in fragments, with broken UTF-8, and of
 * what OCPP-J has no word for. CALLs and answers are among them, none with an id that an own CALL has.
 */
export function frameMaker(random: () => number): () => MadeFrame {
  const below = (n: number): number => Math.floor(random() * n);
  let n = 0;
  const text = (): string => {
    const id = `${n++}-${below(1e9)}`;
    const body = BODIES[below(BODIES.length)]!;
    const filled = below(20) === 0 ? body + 'x'.repeat(below(20_000)) : body;
    switch (below(8)) {
      case 0:
        return `[3,"${id}",${filled}]`;
      case 1:
        return `[4,"${id}","GenericError","",${filled}]`;
      case 2:
        return `[6,"${id}","NotifyPeriodicEventStream",${filled}]`;
      case 3:
        return ` [ 2 , "${id}" ,"${ACTIONS[below(5)]}", ${filled} ] `;
      default:
        return `[2,"${id}","${ACTIONS[below(5)]}",${filled}]`;
    }
  };
  const bytes = (): Buffer => {
    const kind = below(12);
    if (kind === 0) return Buffer.alloc(0);
    if (kind === 1) return Buffer.from(Array.from({ length: below(200) }, () => below(256)));
    const data = Buffer.from(text());
    // a byte that no UTF-8 has
    if (kind === 2) data[below(data.length)] = 0xff;
    return data;
  };
  return () => {
    const data = bytes();
    return { data, isBinary: below(6) === 0, pieces: below(10) === 0 ? cut(data.length, below) : [data.length] };
  };
}

function cut(length: number, below: (n: number) => number): number[] {
  const pieces: number[] = [];
  let left = length;
  for (let i = below(4); i >= 0; i--) {
    const size = below(left + 1);
    pieces.push(size);
    left -= size;
  }
  return [...pieces, left];
}

/** What of a WebSocket is needed to send. */
export interface Sender {
  send(data: Buffer, options: { readonly binary: boolean; readonly fin: boolean }): void;
}

export function sendFrame(ws: Sender, { data, isBinary, pieces }: MadeFrame): void {
  let at = 0;
  for (const [i, size] of pieces.entries()) {
    ws.send(data.subarray(at, at + size), { binary: isBinary, fin: i === pieces.length - 1 });
    at += size;
  }
}
