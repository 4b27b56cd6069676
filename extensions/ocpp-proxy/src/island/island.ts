import { createHmac, randomBytes } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import { describeError, type Log } from '@smx-edge/model';
import { decodeFrame, versionOf, type FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { AwayPolicy } from '../away/away.js';
import { AWAY, isAway, type Breaker } from '../away/breaker.js';
import { Redial } from '../away/redial.js';
import type { Circuit, CircuitListener } from '../relay/circuit.js';
import type { Dial, DialFailure, FarSide } from '../relay/far-side.js';
import type { Handshake, LinkEnd, WireFrame } from '../relay/wire.js';
import { IslandSide } from './island-side.js';
import { LocalAnswers } from './local-answers.js';
import { StationRecord } from './station-record.js';
import { TagList } from './tags.js';

export interface IslandOptions {
  readonly breaker: Breaker;
  readonly isFor: (identity: string) => boolean;
  readonly state: InstanceState;
  readonly log: Log;
  /** ms UTC. */
  readonly now: () => number;
  /** 0 … 1. */
  readonly random: () => number;
  /** Tags that may always charge. */
  readonly tags: readonly string[];
  readonly acceptsUnknown: boolean;
  /** ms that a back end has for an answer to what it is told. */
  readonly answerWithin?: number;
}

const STATIONS = 'island/stations';
const SECRET = 'island/secret';
const SECRET_BYTES = 32;
const ANSWER_WITHIN = 30_000;
/** CALLs remembered until they are answered. */
const MOST_ASKED = 64;

interface IslandMemory {
  readonly secret: Buffer;
  readonly tags: TagList;
  readonly records: Map<string, StationRecord>;
}

type Asked = Readonly<Record<string, unknown>>;

interface Call {
  readonly action: string;
  readonly payload: Asked;
}

const LEARNT_FROM = new Set(['BootNotification', 'Authorize', 'StartTransaction', 'StopTransaction']);

/**
 * Serves charge points of OCPP 1.6 while their back end is away, and tells it all of that afterwards. Served is who the back end
 * let in before with the same Authorization; for the rest, and for other versions, it is as without.
 */
export class Island implements AwayPolicy, CircuitListener {
  private readonly own = new WeakSet<WireFrame>();
  /** What charge points asked and what the back end said to it is learnt from. */
  private readonly asked = new WeakMap<Circuit, Map<string, Call>>();

  private readonly secret: Buffer;
  private readonly tags: TagList;
  private readonly records: Map<string, StationRecord>;

  private constructor(
    private readonly o: IslandOptions,
    { secret, tags, records }: IslandMemory,
  ) {
    this.secret = secret;
    this.tags = tags;
    this.records = records;
  }

  static async open(o: IslandOptions): Promise<Island> {
    const { state } = o;
    const kept = await state.get<string>(SECRET);
    const secret = kept === undefined ? randomBytes(SECRET_BYTES) : Buffer.from(kept, 'base64');
    if (kept === undefined) await state.set(SECRET, secret.toString('base64'));
    const tags = await TagList.open({ state, secret, always: o.tags, acceptsUnknown: o.acceptsUnknown });
    const records = new Map<string, StationRecord>();
    for (const identity of (await state.get<string[]>(STATIONS)) ?? [])
      records.set(identity, await StationRecord.open(state, identity));
    return new Island(o, { secret, tags, records });
  }

  /** Dials; a back end that has something to be told is not passed on to before it was. */
  readonly dial: Dial = async (handshake, signal) => {
    const result = await this.o.breaker.dial(handshake, signal);
    const record = this.records.get(handshake.identity);
    if ('failure' in result || record === undefined || versionOf(result.farSide.protocol) !== '1.6') return result;
    if (!record.isPending && !record.mayRepeat) return result;
    return { farSide: this.side(handshake, { record, protocol: result.farSide.protocol, real: result.farSide }) };
  };

  lost(circuit: Circuit, end: LinkEnd): void {
    const record = this.records.get(circuit.handshake.identity);
    if (circuit.version !== '1.6' || record?.kept.authorization === undefined) {
      circuit.close(end);
      return;
    }
    this.o.log.warn('a back end is away, this box serves its charge point', { identity: circuit.handshake.identity });
    circuit.attach(this.side(circuit.handshake, { record, protocol: circuit.subprotocol ?? '' }));
  }

  frame(): void {
    // there is always a far side
  }

  closed(): void {
    // the far side was told
  }

  unreachable(handshake: Handshake, failure: DialFailure): FarSide | undefined {
    const { identity, protocols } = handshake;
    const record = this.records.get(identity);
    if (record === undefined || !(isAway(failure) || failure.code === AWAY)) return undefined;
    if (record.kept.authorization !== this.hash(handshake)) return undefined;
    const protocol = protocols.find((offered) => versionOf(offered) === '1.6');
    if (protocol === undefined && protocols.length > 0) return undefined;
    this.o.log.warn('a back end is away, this box serves its charge point', { identity });
    return this.side(handshake, { record, protocol: protocol ?? '' });
  }

  opened(circuit: Circuit): void {
    const { handshake, version, farSide } = circuit;
    if (version !== '1.6' || !this.o.isFor(handshake.identity) || farSide instanceof IslandSide) return;
    this.later(async () => {
      const record = await this.recordOf(handshake.identity);
      const authorization = this.hash(handshake);
      if (record.kept.authorization === authorization) return;
      record.kept.authorization = authorization;
      await record.save();
    });
  }

  fromChargePoint(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    if (head?.kind !== 'call' || !this.o.isFor(circuit.handshake.identity)) return;
    if (!LEARNT_FROM.has(head.action ?? '')) return;
    const asked = this.asked.get(circuit) ?? new Map<string, Call>();
    this.asked.set(circuit, asked);
    asked.set(head.id, { action: head.action!, payload: decodeFrame(frame.data)?.payload ?? {} });
    if (asked.size > MOST_ASKED) asked.delete(asked.keys().next().value!);
  }

  fromFarSide(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    const asked = head?.kind === 'result' ? this.asked.get(circuit)?.get(head.id) : undefined;
    if (asked === undefined) return;
    this.asked.get(circuit)!.delete(head!.id);
    const answer = this.own.has(frame) ? undefined : decodeFrame(frame.data)?.payload;
    if (answer !== undefined) this.later(() => this.learn(circuit.handshake.identity, asked, answer));
  }

  private async learn(identity: string, { action, payload: asked }: Call, answer: Asked): Promise<void> {
    if (action === 'StartTransaction' || action === 'StopTransaction') {
      const record = await this.recordOf(identity);
      await record.keepLast({ action, payload: JSON.stringify(asked), answer, isRetold: false });
    }
    const { idTag } = asked;
    const info = answer['idTagInfo'];
    if (typeof idTag === 'string' && typeof info === 'object' && info !== null) {
      await this.tags.learn(idTag, info as Asked);
      return;
    }
    const { interval, status } = answer;
    if (status !== 'Accepted' || typeof asked['chargePointModel'] !== 'string') return;
    const record = await this.recordOf(identity);
    record.kept.boot = JSON.stringify(asked);
    if (typeof interval === 'number' && interval > 0) record.kept.interval = interval;
    await record.save();
  }

  private side(
    handshake: Handshake,
    { record, protocol, real }: { record: StationRecord; protocol: string; real?: FarSide },
  ): IslandSide {
    // prettier-ignore
    const { breaker, random, log, now } = this.o;
    const { identity } = handshake;
    const dropped = (action: string): void =>
      log.warn('more meter values than are kept for a back end that is away', { identity, action });
    return new IslandSide(
      {
        protocol,
        record,
        answers: new LocalAnswers({ record, tags: this.tags, now, dropped }),
        log,
        answerWithin: this.o.answerWithin ?? ANSWER_WITHIN,
        isOwn: (frame) => this.own.add(frame),
        redial: (back, gone) => {
          const unwanted = ({ status }: DialFailure): void => {
            log.error('a back end refuses a charge point that this box serves, it is closed', { identity, status });
            delete record.kept.authorization;
            this.later(() => record.save());
            gone();
          };
          const redial = new Redial({ breaker, handshake, random, back, unwanted });
          return () => redial.stop();
        },
      },
      real,
    );
  }

  private async recordOf(identity: string): Promise<StationRecord> {
    const before = this.records.get(identity);
    if (before !== undefined) return before;
    const record = await StationRecord.open(this.o.state, identity);
    const other = this.records.get(identity);
    if (other !== undefined) return other;
    this.records.set(identity, record);
    await this.o.state.set(STATIONS, [...this.records.keys()]);
    return record;
  }

  private hash({ identity, authorization = '' }: Handshake): string {
    return createHmac('sha256', this.secret).update(`${identity}\n${authorization}`).digest('base64');
  }

  private later(run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      this.o.log.warn('what a back end said could not be kept', { error: describeError(error) });
    });
  }
}
