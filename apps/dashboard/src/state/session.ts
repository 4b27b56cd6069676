import { signal } from '@preact/signals';
import type { Session } from '../api/answers.js';
import { post, remove, send, whenLoggedOut } from '../api/client.js';
import { Problem } from '../api/problem.js';
import { followBoxClock } from './clock.js';

type Door =
  | { readonly at: 'loading' }
  /** The box has no user yet. */
  | { readonly at: 'setup' }
  | { readonly at: 'login'; readonly wasIn?: boolean }
  | { readonly at: 'in'; readonly session: Session }
  | { readonly at: 'unreachable' };

/** A cookie that scripts cannot see holds the session; this only says that there may be one. */
const MAYBE_IN = 'smx-in';

function closedDoor(): Door {
  return { at: document.documentElement.dataset['door'] === 'setup' ? 'setup' : 'login' };
}

/** Where whoever looks at the page stands. */
export const door = signal<Door>({ at: 'loading' });

function leave(closed: Door): void {
  localStorage.removeItem(MAYBE_IN);
  door.value = closed;
}

whenLoggedOut(() => {
  if (door.peek().at === 'in') leave({ at: 'login', wasIn: true });
});

/** Finds out whether a session still holds, where there was one. */
export async function lookWhoIsIn(): Promise<void> {
  if (localStorage.getItem(MAYBE_IN) === null) {
    door.value = closedDoor();
    return;
  }
  try {
    const response = await send('/api/v1/session');
    enter(response, (await response.json()) as Session);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) leave(closedDoor());
    else door.value = { at: 'unreachable' };
  }
}

/** Logs in, or with a set-up code makes the owner. Throws `Problem`. */
export async function logIn(wish: { name: string; password: string; setup?: string }): Promise<void> {
  const response = await post('session', wish);
  enter(response, (await response.json()) as Session);
}

export async function logOut(): Promise<void> {
  try {
    await remove('session');
  } catch (error) {
    // a session that cannot be ended there still ends here; it dies of disuse
    if (!(error instanceof Problem)) throw error;
  }
  delete document.documentElement.dataset['door'];
  leave({ at: 'login' });
}

/** Whether the role of who is logged in manages this area. */
export function manages(area: string): boolean {
  const { value } = door;
  return value.at === 'in' && value.session.manages.includes(area);
}

export function siteZone(): string {
  const { value } = door;
  return value.at === 'in' ? value.session.timezone : 'UTC';
}

function enter(response: Response, session: Session): void {
  followBoxClock(response.headers.get('date'));
  localStorage.setItem(MAYBE_IN, '1');
  door.value = { at: 'in', session };
}
