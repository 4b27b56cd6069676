const MEMBER = /("transactionId"\s*:\s*)(-?\d+)(?=\s*[,}])/g;

/** The frame with another number wherever a `transactionId` has `from`; all other bytes stay. The same buffer where there is none. */
export function withTransactionId(data: Buffer, of: (id: number) => number | undefined): Buffer {
  const text = data.toString('latin1');
  const other = text.replace(MEMBER, (whole, name: string, id: string) => {
    const to = of(Number(id));
    return to === undefined ? whole : name + String(to);
  });
  return other === text ? data : Buffer.from(other, 'latin1');
}

/** The transaction that a frame is about; undefined where it names none. */
export function transactionIdOf(data: Buffer): number | undefined {
  const match = /"transactionId"\s*:\s*(-?\d+)\s*[,}]/.exec(data.toString('latin1'));
  return match === null ? undefined : Number(match[1]);
}
