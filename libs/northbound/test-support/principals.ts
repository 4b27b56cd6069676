import type { Role } from '@smx-edge/access';

export { Principals } from '@smx-edge/access';

/** One role by which every party of the fixture is made; what it grants is the fixture's to say. */
export const roleFixture: ReadonlyMap<string, Role> = new Map([
  ['any', { name: 'any', authority: 'controller' as const, grants: [] }],
]);
