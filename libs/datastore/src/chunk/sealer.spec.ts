import { SampleBatch } from '@smx-edge/model';
import * as fc from 'fast-check';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HISTORY, openDatabase } from '../database/database.js';
import { DamageNotes } from '../journal/damage-notes.js';
import { FrameWalker } from '../journal/frame.js';
import type { Gap } from '../journal/gap.js';
import { Journal } from '../journal/journal.js';
import { isMark, markFrame, noteOf } from '../journal/mark.js';
import { SampleEncoder } from '../journal/sample-encoder.js';
import { SEGMENT_HEAD } from '../journal/segment.js';
import { Archive } from './archive.js';
import { rebuildSegment } from './rebuild.js';
import { Sealer } from './sealer.js';

/** Many stores are made here, and nothing of power cuts is asked: memory will do where there is such a folder. */
const FAST = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const NOW = Date.UTC(2026, 10, 27);

/** A journal and an archive in a folder of their own. */
class Rig {
  readonly folder = mkdtempSync(join(FAST, 'smx-sealer-'));
  readonly gaps: Gap[] = [];
  readonly damage = new DamageNotes((gap) => void this.gaps.push(gap));
  readonly archive = new Archive(openDatabase(this.folder, HISTORY, 1).db, this.damage);
  readonly journal = new Journal({
    folder: this.folder,
    epoch: 1,
    onGap: (gap) => void this.gaps.push(gap),
    index: {
      files: () => this.archive.index.files(),
      lastSeq: () => this.archive.index.lastSeq(),
      isSealed: (seq) => this.archive.has(seq),
      put: (segment) => this.archive.index.put(segment),
      remove: (seq) => this.archive.index.remove(seq),
    },
  });
  readonly sealer = new Sealer(this);

  constructor() {
    this.journal.start();
  }

  file(): string {
    return join(
      this.folder,
      readdirSync(this.folder).find((name) => name.endsWith('.seg'))!,
    );
  }

  seal(): void {
    for (const job = this.sealer.seal(this.journal.oldestClosed!); job.next().done !== true;);
  }

  end(): void {
    this.archive.db.close();
    rmSync(this.folder, { recursive: true });
  }
}

const value = fc.oneof(
  fc.integer({ min: -1e6, max: 1e6 }).map((whole) => whole / 10),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, NaN, 'text', '', 'grüß', [1, -0, 5e-324], []),
);
const sample = fc.record({
  handle: fc.integer({ min: 1, max: 5 }),
  age: fc.oneof(fc.constant(0), fc.constant(20), fc.integer({ min: -600_000, max: 600_000 })),
  quality: fc.integer({ min: 0, max: 4 }),
  value,
});
/** Records of batches of samples; one without a batch is a mark. */
const records = fc.array(fc.array(fc.array(sample, { minLength: 1, maxLength: 6 }), { maxLength: 3 }), {
  minLength: 1,
  maxLength: 20,
});

function write(rig: Rig, all: typeof records extends fc.Arbitrary<infer T> ? T : never): void {
  const encoder = new SampleEncoder();
  const batch = new SampleBatch();
  for (const [i, blocks] of all.entries()) {
    for (const [j, samples] of blocks.entries()) {
      batch.clear(NOW + i * 1000 + j * 13);
      for (const { handle, age, quality, value: own } of samples) {
        const at = batch.add(handle);
        batch.t[at] = batch.received - age;
        batch.quality[at] = quality;
        if (typeof own === 'number') batch.number[at] = own;
        else batch.other.set(at, own);
      }
      encoder.add(batch);
    }
    const { samples, minT, maxT, minReceived, maxReceived } = encoder;
    const record = encoder.take() ?? markFrame(NOW + i);
    rig.journal.append(record, { samples, minT, maxT, minReceived, maxReceived }, NOW);
  }
  rig.journal.close(NOW);
}

describe('a sealed segment', () => {
  it('gives the very bytes of its file back', () => {
    fc.assert(
      fc.property(records, (all) => {
        fc.pre(all.some((blocks) => blocks.length > 0));
        const rig = new Rig();
        write(rig, all);
        const file = readFileSync(rig.file());
        rig.seal();
        expect(rig.journal.segments).toEqual([]);
        expect(readdirSync(rig.folder).filter((name) => name.endsWith('.seg'))).toEqual([]);
        const back = rebuildSegment(rig.archive, rig.archive.segments[0]!)!.bytes;
        expect(back.subarray(SEGMENT_HEAD).equals(file.subarray(SEGMENT_HEAD))).toBe(true);
        expect(rig.gaps).toEqual([]);
        rig.end();
      }),
      { numRuns: 60 },
    );
  });

  it('keeps what was sound of a damaged file where it stood, and tells of the rest', () => {
    const rig = new Rig();
    const one = [[{ handle: 1, age: 0, quality: 0, value: 7 }]];
    write(rig, [one, one, one]);
    const path = rig.file();
    const bytes = readFileSync(path);
    const walker = new FrameWalker(bytes, SEGMENT_HEAD);
    walker.next();
    const first = walker.used;
    walker.next();
    bytes[walker.start]! ^= 1;
    writeFileSync(path, bytes);
    rig.seal();
    expect(rig.gaps).toMatchObject([{ why: 'damaged', segment: 1, bytes: walker.used - first }]);
    expect(rig.archive.read(1, 1)?.n).toBe(2);
    const back = new FrameWalker(rebuildSegment(rig.archive, rig.archive.segments[0]!)!.bytes, SEGMENT_HEAD);
    expect([back.next(), back.next(), back.next()]).toEqual([true, true, false]);
    expect(back.damaged).toEqual([[first, walker.used]]);
    rig.end();
  });

  it('has a mark where one stood, as long as it was with its note', () => {
    const rig = new Rig();
    const encoder = new SampleEncoder();
    const batch = new SampleBatch();
    batch.clear(NOW);
    batch.number[batch.add(1)] = 7;
    encoder.add(batch);
    const range = { samples: 1, minT: NOW, maxT: NOW, minReceived: NOW, maxReceived: NOW };
    rig.journal.append(encoder.take()!, range, NOW);
    expect(rig.journal.sync(NOW, { note: Buffer.from('acknowledged') })).toBe(true);
    rig.journal.close(NOW);
    const file = new FrameWalker(readFileSync(rig.file()), SEGMENT_HEAD);
    rig.seal();
    const { bytes, erased } = rebuildSegment(rig.archive, rig.archive.segments[0]!)!;
    const back = new FrameWalker(bytes, SEGMENT_HEAD);
    for (const walker of [file, back])
      expect([walker.next(), walker.next(), walker.next()]).toEqual([true, true, false]);
    expect(back.end).toBe(file.end);
    expect(isMark(bytes, back.start, back.end)).toBe(true);
    expect(noteOf(file.bytes, file.start, file.end)?.toString()).toBe('acknowledged');
    expect(noteOf(bytes, back.start, back.end)).toBeUndefined();
    expect([...erased, ...back.damaged]).toEqual([]);
    rig.end();
  });

  it('is not given back with a damaged chunk, which is told once', () => {
    const rig = new Rig();
    write(rig, [
      [
        [
          { handle: 1, age: 0, quality: 0, value: 7 },
          { handle: 2, age: 0, quality: 0, value: 8 },
        ],
      ],
    ]);
    rig.seal();
    const data = rig.archive.chunks.get({ segment: 1, handle: 2 })!;
    data[data.length - 1]! ^= 0x20;
    rig.archive.chunks.put({ segment: 1, handle: 2 }, data);
    for (let i = 0; i < 2; i++) expect(rebuildSegment(rig.archive, rig.archive.segments[0]!)).toBeUndefined();
    expect(rig.archive.read(1, 1)?.n).toBe(1);
    expect(rig.archive.read(1, 2)).toBeUndefined();
    expect(rig.gaps).toMatchObject([{ why: 'damaged', segment: 1, bytes: data.length }]);
    rig.end();
  });
});
