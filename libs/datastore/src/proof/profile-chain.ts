import { profilePath, type ProfileDefinition, type ProfileRecord } from '@smx-edge/model';
import { linkHash } from './hash.js';

/** The hash before the first row: it binds the rows to their device, id, period, columns and units. */
export function profileGenesis({ device, id, period, columns }: ProfileDefinition): string {
  return linkHash('profile', { device, id, period, columns });
}

/** Hash of a row in its chain. */
export function rowHash(prev: string, { seq, row, source }: Pick<ProfileRecord, 'seq' | 'row' | 'source'>): string {
  return linkHash(prev, { seq, row, source });
}

/** The texts that are signed, each of a kind of its own so that no signature passes for another. */
export const rowText = (hash: string): string => `smx-edge row ${hash}`;
export const anchorText = (chain: string, { seq, hash }: { seq: number; hash: string }): string =>
  `smx-edge anchor ${chain} ${seq} ${hash}`;

/** Name of a profile's chain among the anchors. */
export const chainOf = (profile: Pick<ProfileDefinition, 'device' | 'id'>): string => `profile ${profilePath(profile)}`;
