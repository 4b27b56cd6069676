import { signal } from '@preact/signals';
import { post } from './client.js';
import { Problem } from './problem.js';
import { useAsked, type Asked } from './use-answer.js';

interface Call {
  /** Undefined: nothing is asked. */
  readonly instance: string | undefined;
  readonly name: string;
  readonly args?: object;
  /** ms between two. */
  readonly renew: number;
}

/** Calls that this role may not make: each try again would be a refusal in the ledger. */
const refused = signal<ReadonlySet<string>>(new Set());

async function ask<T>(instance: string, name: string, args: object): Promise<T> {
  try {
    const response = await post(`extensions/${encodeURIComponent(instance)}/calls/${name}`, args);
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof Problem && error.status === 403)
      refused.value = new Set([...refused.peek(), `${instance}/${name}`]);
    throw error;
  }
}

/** Keeps calling an extension while shown. `isRefused`: this role may not. */
export function useCall<T>({ instance, name, args = {}, renew }: Call): Asked<T> & { readonly isRefused: boolean } {
  const isRefused = refused.value.has(`${instance ?? ''}/${name}`);
  const isAsked = instance !== undefined && !isRefused;
  const asked = useAsked<T | undefined>(
    JSON.stringify([instance, name, args, isAsked]),
    () => (isAsked ? ask<T>(instance, name, args) : Promise.resolve(undefined)),
    isAsked ? renew : 0,
  );
  return { ...asked, isRefused };
}
