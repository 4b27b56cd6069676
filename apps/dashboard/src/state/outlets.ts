import type { Point } from '../api/answers.js';

const SESSION = '/energy/session';

/** Devices at which cars are charged: what they gave in a session is a point of theirs. */
export const outletsOf = (points: readonly Point[]): string[] =>
  points.filter(({ path }) => path.endsWith(SESSION)).map(({ path }) => path.slice(0, -SESSION.length));
