import type { P1Telegram } from './telegram.js';

/**
 * The document a telegram follows, from its version object: `eMUCS-P1 1.7`, `DSMR P1 5.0`; null for DSMR 2.2, 3.0 and
 * the ports that print none. Later DSMR meters go on printing 50.
 */
export function versionName({
  emucsVersion,
  dsmrVersion,
}: Pick<P1Telegram, 'emucsVersion' | 'dsmrVersion'>): string | null {
  // XXXYY: DSMR version it is based on, eMUCS version
  const emucs = /^50\d?(\d)(\d)$/.exec(emucsVersion ?? '');
  if (emucs !== null) return `eMUCS-P1 ${emucs[1] ?? ''}.${emucs[2] ?? ''}`;
  const dsmr = /^(\d)(\d)$/.exec(dsmrVersion ?? '');
  return dsmr === null ? null : `DSMR P1 ${dsmr[1] ?? ''}.${dsmr[2] ?? ''}`;
}
