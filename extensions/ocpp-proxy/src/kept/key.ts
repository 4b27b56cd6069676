import { createHash } from 'node:crypto';

const LONGEST = 64;

/** An identity as part of a key of state, which is short. */
export const keyOf = (identity: string): string =>
  identity.length <= LONGEST ? identity : createHash('sha256').update(identity).digest('hex');
