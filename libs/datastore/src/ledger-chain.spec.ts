import type { LedgerEntry } from '@smx-edge/model';
import * as fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { LEDGER_GENESIS, ledgerHash, verifyLedgerExport } from './ledger-chain.js';

function chain(length: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const entry = {
      seq,
      t: 1000 + seq,
      kind: 'disclosure' as const,
      principal: `p${seq % 3}`,
      data: { n: seq, to: 'x' },
    };
    entries.push({ ...entry, hash: ledgerHash(entries.at(-1)?.hash ?? LEDGER_GENESIS, entry) });
  }
  return entries;
}

const lines = (entries: readonly LedgerEntry[]): string[] => entries.map((entry) => JSON.stringify(entry));

describe('an exported ledger', () => {
  const entries = chain(8);
  const head = entries.at(-1)!.hash;

  it('verifies whole, in part behind a known entry, and with its members in any order', () => {
    expect(verifyLedgerExport(lines(entries), { head })).toEqual({ ok: true, entries: 8 });
    expect(verifyLedgerExport(lines(entries.slice(3)), { after: entries[2]!, head })).toEqual({ ok: true, entries: 5 });
    const turned = entries.map((entry) => JSON.stringify(Object.fromEntries(Object.entries(entry).reverse())));
    expect(verifyLedgerExport([...turned, ''], { head }).ok).toBe(true);
  });

  it('does not verify with one character changed anywhere', () => {
    const text = lines(entries).join('\n');
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1);
      expect(verifyLedgerExport(changed.split('\n'), { head }).ok).toBe(false);
    }
  });

  it('does not verify with entries left out, doubled, reordered or cut off', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 10 }), (order) => {
        const whole = order.length === 8 && order.every((n, i) => n === i);
        expect(verifyLedgerExport(lines(order.map((n) => entries[n]!)), { head }).ok).toBe(whole);
      }),
    );
    expect(verifyLedgerExport(lines(entries.slice(0, 5)), { head })).toEqual({ ok: false, entries: 5, firstBad: 6 });
    expect(verifyLedgerExport(['null', '5', '[]', '{"seq":1}'])).toMatchObject({ ok: false, firstBad: 1 });
  });
});

describe('canonical JSON', () => {
  it('depends on the content only and reads back as it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        const canonical = canonicalJson(value);
        expect(canonicalJson(JSON.parse(canonical))).toBe(canonical);
        expect(JSON.stringify(JSON.parse(canonical))).toHaveLength(JSON.stringify(value).length);
      }),
    );
    expect(canonicalJson({ b: 1, a: [undefined, { d: null, c: undefined }] })).toBe('{"a":[null,{"d":null}],"b":1}');
  });
});
