import { createHash, randomBytes } from 'node:crypto';
import type { Clock, Disposable } from '@smx-edge/model';
import type { Principals } from '@smx-edge/access';

/** A session nobody uses ends after this, ms; an open stream is use. */
const IDLE = 12 * 3_600_000;
/** Any session ends after this, ms. */
export const LONGEST_SESSION = 7 * 24 * 3_600_000;
const LOOK = 60_000;
const MOST = 500;
const MOST_OF_ONE = 20;
const ID = /^[A-Za-z0-9_-]{43}$/;

/** One log-in. */
export interface Session {
  readonly principal: string;
  /** Monotonic ms. */
  readonly created: number;
  /** ms UTC. */
  readonly expires: number;
}

interface Kept extends Session {
  used: number;
  held: number;
}

const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64');

/** Who is logged in at the page, in memory only. Of the ids that the browsers hold only hashes are kept. */
export class Sessions {
  private readonly sessions = new Map<string, Kept>();
  private readonly listeners = new Set<(session: Session) => void>();
  private readonly watching: Disposable;
  private timer: Disposable | undefined;

  constructor(private readonly options: { readonly principals: Principals; readonly clock: Clock }) {
    this.watching = options.principals.onChange((kind, { name }) => {
      if (kind === 'removed') this.endOf(name);
    });
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Begins a session and gives its id (256 random bits), which is nowhere kept. */
  begin(principal: string): { id: string; session: Session } {
    const { clock } = this.options;
    const own = [...this.sessions].filter(([, session]) => session.principal === principal);
    if (own.length >= MOST_OF_ONE) this.drop(own[0]![0]);
    else if (this.sessions.size >= MOST) for (const oldest of this.sessions.keys()) if (this.drop(oldest)) break;
    const id = randomBytes(32).toString('base64url');
    const now = clock.monotonic();
    const session: Kept = { principal, created: now, expires: clock.now() + LONGEST_SESSION, used: now, held: 0 };
    this.sessions.set(keyOf(id), session);
    this.arm();
    return { id, session };
  }

  /** The session of an id, which is thereby used; undefined where there is none (any more). */
  find(id: string): Session | undefined {
    if (!ID.test(id)) return undefined;
    const key = keyOf(id);
    const session = this.sessions.get(key);
    if (session === undefined) return undefined;
    if (this.isOver(session)) {
      this.drop(key);
      return undefined;
    }
    session.used = this.options.clock.monotonic();
    return session;
  }

  end(session: Session): void {
    for (const [key, other] of this.sessions) if (other === session) this.drop(key);
  }

  /** Keeps a session in use until disposed. */
  hold(session: Session): Disposable {
    const kept = session as Kept;
    kept.held++;
    let isHeld = true;
    return {
      dispose: () => {
        if (!isHeld) return;
        isHeld = false;
        kept.held--;
        kept.used = this.options.clock.monotonic();
      },
    };
  }

  onEnd(listener: (session: Session) => void): Disposable {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  close(): void {
    this.watching.dispose();
    this.timer?.dispose();
    this.timer = undefined;
    this.sessions.clear();
  }

  private endOf(principal: string): void {
    for (const [key, session] of [...this.sessions]) if (session.principal === principal) this.drop(key);
  }

  private isOver(session: Kept): boolean {
    const now = this.options.clock.monotonic();
    return now - session.created >= LONGEST_SESSION || (session.held === 0 && now - session.used >= IDLE);
  }

  private drop(key: string): boolean {
    const session = this.sessions.get(key);
    if (session === undefined) return false;
    this.sessions.delete(key);
    for (const listener of [...this.listeners]) listener(session);
    return true;
  }

  private arm(): void {
    this.timer ??= this.options.clock.after(LOOK, () => {
      this.timer = undefined;
      for (const [key, session] of [...this.sessions]) if (this.isOver(session)) this.drop(key);
      if (this.sessions.size > 0) this.arm();
    });
  }
}
