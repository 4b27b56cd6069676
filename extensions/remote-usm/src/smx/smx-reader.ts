import { createHash } from 'node:crypto';
import type { Alarms, MqttLink, MqttMessage, SmxContext } from '@smx-edge/extension-api';
import type { Disposable } from '@smx-edge/model';
import {
  decodeCatalogue,
  decodeNow,
  decodeState,
  decodeTopic,
  type BoxCatalogue,
  type BoxNow,
  type BoxState,
} from '@smx-edge/protocols/smx1';
import { GoingOn } from '../reading/going-on.js';
import { Pace } from '../reading/pace.js';
import { textOf } from '../reading/payload.js';
import { standingOf, unreachableOf, type Away, type Standing } from '../reading/presence.js';
import { SenderChoice } from '../reading/sender-choice.js';
import type { SmxSettings } from '../settings.js';
import { CataloguePace } from './catalogue-pace.js';
import { RemoteHouse } from './remote-house.js';
import type { ShownBefore } from './shown-before.js';

/** ms in which others on the broker may be heard before one is chosen. */
const WAIT = 1000;
const UNREST = ' changes what it shows again and again, and is looked at more rarely';
const KINDS = ['state', 'cat', 'now'] as const;

export interface SmxReaderOptions {
  readonly smx: Pick<SmxContext, 'device' | 'log' | 'now'>;
  readonly alarms: Alarms;
  readonly settings: SmxSettings;
  readonly link: MqttLink;
  readonly before: ShownBefore;
}

/** Reads another box as one of its parties: protocol smx/1. It publishes nothing, so that box has no way to know but its broker. */
export class SmxReader {
  private readonly house: RemoteHouse;
  private readonly pace: Pace;
  private readonly clock = new GoingOn();
  private readonly choice: SenderChoice;
  private readonly catalogues = new CataloguePace<BoxCatalogue>();
  private search: Disposable | undefined;
  private tree: string | undefined;
  private state: BoxState | undefined;
  private now: BoxNow | undefined;
  /** When something new came last, ms UTC here. */
  private heard: number | undefined;
  /** A message is not what it should be, until one is. */
  private damaged: string | undefined;

  constructor(private readonly o: SmxReaderOptions) {
    const { smx, alarms, settings, before } = o;
    this.house = new RemoteHouse({ smx, alarms, before, prefix: settings.prefix });
    this.pace = new Pace(settings.interval);
    this.choice = new SenderChoice({ prefix: settings.prefix, wait: WAIT });
  }

  begin(): void {
    const { settings, link, smx } = this.o;
    const { site = '+', party = '+' } = settings;
    if (site !== '+' && party !== '+') {
      this.follow(`${site}/${party}`);
      return;
    }
    this.search = link.subscribe(`smx/1/${site}/${party}/state`, ({ topic, payload }) => {
      const found = decodeTopic(topic);
      // an empty one says that this party is no more
      if (found !== undefined && payload.length > 0) this.choice.hear(`${found.site}/${found.party}`, smx.now());
    });
  }

  /** To be called each second. */
  look(): Standing {
    const { smx } = this.o;
    if (this.search !== undefined) {
      const chosen = this.choice.decide(smx.now());
      if (chosen !== undefined) this.follow(chosen);
    }
    const due = this.catalogues.due(smx.now());
    if (due !== undefined) this.house.take(due, this.pace.maxAge);
    const away = this.present();
    if (away !== undefined) return { away, text: away.text };
    const { size, shown } = this.house;
    const unrest = this.catalogues.isHolding ? UNREST : '';
    return standingOf(`${size} points of ${shown.length} devices of ${this.tree ?? ''}${unrest}`, shown);
  }

  /** What is known of the other box, for people. */
  get facts(): Readonly<Record<string, unknown>> {
    const { tree = null, state, house, pace, heard = null } = this;
    return { box: tree, state: state ?? null, catalogue: house.hash ?? null, devices: house.names, points: house.size, interval: pace.interval, heard, seen: this.choice.names }; // prettier-ignore
  }

  private present(): Away | undefined {
    const away = this.away();
    this.house.present(this.now, away);
    return away;
  }

  private follow(tree: string): void {
    this.search?.dispose();
    this.search = undefined;
    this.tree = tree;
    const { link } = this.o;
    const take = { state: this.takeState, cat: this.takeCatalogue, now: this.takeNow };
    for (const kind of KINDS) link.subscribe(`smx/1/${tree}/${kind}`, (message) => take[kind].call(this, message));
  }

  private takeState({ payload, t }: MqttMessage): void {
    if (payload.length === 0) {
      this.state = undefined;
      this.house.leave('the other box does not know this party any more', t);
      return;
    }
    const state = this.read('state', payload, decodeState);
    if (state === undefined) return;
    const before = this.state;
    this.state = state;
    if (before?.epoch !== undefined && before.epoch !== state.epoch)
      this.o.smx.log.warn('the store of the other box was lost or restored', { epoch: state.epoch });
    if (state.status !== 'online') this.house.leave(LEFT[state.status], t);
    this.present();
  }

  private takeCatalogue({ payload }: MqttMessage): void {
    const none = { hash: '', points: [], devices: [], skipped: 0 };
    const catalogue = payload.length === 0 ? none : this.read('cat', payload, decodeCatalogue);
    if (catalogue === undefined) return;
    const digest = createHash('sha256').update(payload).digest('base64');
    const wasHolding = this.catalogues.isHolding;
    const taken = this.catalogues.offer(digest, catalogue, this.o.smx.now());
    if (taken !== undefined) this.house.take(taken, this.pace.maxAge);
    else if (!wasHolding) this.o.smx.log.warn(`the other box${UNREST}`);
  }

  private takeNow({ payload, retained, t: received }: MqttMessage): void {
    if (payload.length === 0) {
      this.house.leave('the other box shows nothing to this party any more', received);
      return;
    }
    const now = this.read('now', payload, decodeNow);
    if (now === undefined) return;
    if (retained) {
      this.clock.seen(now.t);
      this.house.kept(now, received);
      return;
    }
    if (!this.clock.isNew(now.t)) return;
    this.pace.news(received);
    this.heard = received;
    this.now = now;
    // who speaks is there, whatever its last will said of the connection before
    if (this.state?.status !== undefined && this.state.status !== 'online')
      this.state = { ...this.state, status: 'online' };
    this.present();
    this.house.live(now, { t: now.t, received, maxAge: this.pace.maxAge });
  }

  private read<T>(kind: string, payload: Uint8Array, decode: (text: string) => T | undefined): T | undefined {
    const text = textOf(payload);
    const found = text === undefined ? undefined : decode(text);
    if (found === undefined && this.damaged === undefined)
      this.o.smx.log.warn('a message of the other box is not what it should be', { kind, bytes: payload.length });
    if (found === undefined) this.damaged = kind;
    else if (this.damaged === kind) this.damaged = undefined;
    return found;
  }

  private away(): Away | undefined {
    const { link, settings, smx } = this.o;
    const { state, heard, pace } = this;
    const isSilent = heard === undefined || Math.abs(smx.now() - heard) > pace.maxAge;
    const unreachable = isSilent ? unreachableOf(link.state) : undefined;
    if (unreachable !== undefined) return unreachable;
    if (this.tree === undefined) return this.unchosen();
    if (state !== undefined && state.status !== 'online') return { code: 'gone', text: LEFT[state.status] };
    if (this.house.hash !== undefined && this.house.size === 0)
      return {
        code: 'waiting',
        text: `${this.tree} shows no point of its own: has the role of this party grants there?`,
      };
    const isNamed = this.house.hash !== undefined;
    // values without a catalogue say nothing
    if (this.damaged !== undefined && (isSilent || (!isNamed && this.damaged === 'cat')))
      return {
        code: 'unreadable',
        text: `what comes as ${this.damaged} is not as smx/1 has it, or longer than any that is read; is ${this.tree} an SMX of this major version, and does its role show fewer than 2000 points?`,
      };
    if (!isSilent) return isNamed ? undefined : { code: 'waiting', text: 'waiting for its catalogue (cat)' };
    if (heard !== undefined)
      return { code: 'silent', text: `the other box has told nothing new for ${pace.maxAge / 1000} s` };
    if (state === undefined) return { code: 'waiting', text: `nothing came of ${this.tree} yet: is the broker the right one, and may ${settings.party ?? 'this party'} read there?` }; // prettier-ignore
    return { code: 'waiting', text: 'it is on line; waiting for its first values' };
  }

  private unchosen(): Away {
    const { site = '+', party = '+' } = this.o.settings;
    const { names } = this.choice;
    if (names.length > 1)
      return {
        code: 'unclear',
        text: `several SMXs tell on this broker: set site and party to one of ${names.join(', ')}`,
      };
    return {
      code: 'waiting',
      text: `no SMX tells at smx/1/${site}/${party} yet; where the party has another name, set party`,
    };
  }
}

const LEFT = {
  lost: 'the other box lost its connection to the broker',
  closing: 'the other box was stopped',
} as const;
