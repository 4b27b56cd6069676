import { signal } from '@preact/signals';

export const VIEWS = [
  'now',
  'charts',
  'devices',
  'control',
  'charging',
  'quality',
  'system',
  'access',
  'ledger',
] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Route {
  readonly view: ViewName;
  /** What of it, like the role or the point. */
  readonly detail: string;
}

function parse(hash: string): Route {
  const [, name = '', ...rest] = hash.replace(/^#/, '').split('/');
  const view = VIEWS.find((known) => known === name) ?? 'now';
  return { view, detail: rest.join('/') };
}

export const route = signal<Route>(parse(location.hash));
window.addEventListener('hashchange', () => (route.value = parse(location.hash)));

export const hrefOf = (view: ViewName, detail = ''): string => `#/${view}${detail === '' ? '' : `/${detail}`}`;
