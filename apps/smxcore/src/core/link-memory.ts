import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, SmxError, type Clock, type Log } from '@smx-edge/model';
import type { Config, LinkSection } from '../config/index.js';
import { linkOptions, type PlannedLink } from './link-plan.js';

/** A link as it was last run, enough to find its topics again; never a password itself. */
interface Kept {
  readonly name: string;
  /** Site id or alias. */
  readonly site: string;
  readonly section: Pick<LinkSection, 'url' | 'role' | 'auth' | 'tls'>;
  /** When it was last in the config, ms UTC. */
  readonly at: number;
}

/** Settings of a link that only empties its topics. */
const EMPTYING = { now: undefined, compress: false, ack: 'consumer', batch: undefined, order: 'oldest-first' } as const;

const FILE = 'links.json';
/** How long a broker that does not come back is tried for a link that is no more, ms. */
const FORGET = 30 * 86_400_000;

const keyOf = ({ name, site, section }: Pick<Kept, 'name' | 'site' | 'section'>): string =>
  `${name} ${site} ${section.url}`;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A file that was damaged costs a clean broker, not the start of the box. */
function isKept(value: unknown): value is Kept {
  if (!isObject(value) || !isObject(value['section'])) return false;
  const { name, site, at, section } = value;
  const { url, role, auth, tls } = section;
  const texts = [name, site, url, role];
  return (
    texts.every((text) => typeof text === 'string') &&
    /^[A-Za-z0-9_-]{1,64}$/.test(site as string) &&
    URL.canParse(url as string) &&
    typeof at === 'number' &&
    isObject(auth) &&
    isObject(tls)
  );
}

/**
 * Remembers which brokers hold topics of this box, so that a link taken out of the config, or pointed elsewhere, is
 * emptied there at the next start.
 */
export class LinkMemory {
  private kept = new Map<string, Kept>();

  constructor(private readonly o: { config: Config; clock: Clock; log: Log }) {
    for (const kept of this.read()) this.kept.set(keyOf(kept), kept);
  }

  /** Notes the links of the config; gives those that are no more. */
  renew(): PlannedLink[] {
    const { clock, config } = this.o;
    const now = clock.now();
    const current = new Map<string, Kept>();
    for (const [name, section] of config.links) {
      const { alias, url, role, auth, tls } = section;
      // a password that is no reference would stand in the file in clear
      if (auth.password !== undefined && !auth.password.startsWith('file:')) continue;
      const kept = { name, site: alias ?? config.site, section: { url, role, auth, tls }, at: now };
      current.set(keyOf(kept), kept);
    }
    // a section that cannot be used now is no link that is gone: it was in the config last now
    const named = new Set(config.named.flatMap(({ kind, name }) => (kind === 'link' ? [name] : [])));
    const isBroken = (name: string): boolean =>
      !config.links.has(name) && (named.has(name) || config.hidden.has('links'));
    for (const [key, kept] of this.kept) if (isBroken(kept.name)) current.set(key, { ...kept, at: now });
    const gone = [...this.kept].filter(([key, { at }]) => !current.has(key) && now - at < FORGET);
    this.kept = new Map([...current, ...gone]);
    this.write();
    return gone.map(([key, kept]) => this.planned(key, kept));
  }

  private planned(key: string, { name, site, section }: Kept): PlannedLink {
    const why = `link "${name}" to this broker is no longer in the config; its topics are emptied`;
    return {
      options: linkOptions(name, { ...section, alias: site, ...EMPTYING }, this.o.config),
      over: new SmxError('SMX_LINK_REMOVED', why),
      done: () => {
        this.kept.delete(key);
        this.write();
      },
    };
  }

  private read(): Kept[] {
    const file = join(this.o.config.data, FILE);
    try {
      const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return Array.isArray(value) ? value.filter(isKept) : [];
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
        this.o.log.warn('what earlier links left cannot be read', { file, error: describeError(error) });
      return [];
    }
  }

  private write(): void {
    const file = join(this.o.config.data, FILE);
    try {
      writeFileSync(`${file}.new`, JSON.stringify([...this.kept.values()]), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      this.o.log.warn('the links could not be noted', { file, error: describeError(error) });
    }
  }
}
