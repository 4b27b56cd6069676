import fc from 'fast-check';
import { silentLog, systemClock } from '@smx-edge/model';
import { decodeFrame } from '@smx-edge/protocols/ocpp-j';
import { Csms } from '../csms/index.js';
import { ChargePoint, type StationVersion } from './index.js';

const DEEDS = ['cut', 'hang up', 'back end cuts', 'back end closes', 'back end away', 'silent answer', 'error', 'plug', 'unplug', 'breathe'] as const; // prettier-ignore
const tools = { clock: systemClock, log: silentLog };
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 4000 && !holds(); i++) await soon(2);
  expect([what, holds()]).toEqual([what, true]);
}

/** Messages about transactions in the order in which the back end has them, each once. */
function told(csms: Csms): string[] {
  const seen = new Set<string>();
  for (const { direction, bytes } of csms.frames()) {
    const { action = '', payload } = (direction === 'in' && decodeFrame(bytes)) || {};
    if (/Transaction/.test(action)) seen.add(JSON.stringify([action, payload!['timestamp']]));
  }
  return [...seen].map((each) => (JSON.parse(each) as [string, string])[1]);
}

it.each<StationVersion>(['1.6', '2.0.1'])(
  'no session is lost, doubled or out of order over any interruptions between a station of %s and its back end',
  async (version) => {
    const run = fc.asyncProperty(
      fc.array(fc.constantFrom(...DEEDS), { minLength: 5, maxLength: 14 }),
      async (deeds) => {
        const csms = await Csms.open({ address: { host: '127.0.0.1', port: 0 } }, tools);
        const station = await ChargePoint.open({ id: 'CP1', url: csms.source, version, timeout: 30, retry: { least: 2, most: 8 }, settings: { AllowOfflineTxForUnknownId: 'true', TransactionMessageRetryInterval: '0', TransactionMessageAttempts: '100' } }, tools); // prettier-ignore
        try {
          let plugs = 0;
          await until('accepted', () => station.state.isAccepted);
          for (const deed of deeds) {
            switch (deed) {
              case 'cut':
                station.cut();
                break;
              case 'hang up':
                station.hangUp();
                break;
              case 'back end cuts':
                csms.disconnect('CP1', null);
                break;
              case 'back end closes':
                csms.disconnect('CP1', 1001);
                break;
              case 'back end away':
                await csms.goAway();
                await soon(3);
                await csms.comeBack();
                break;
              case 'silent answer':
                csms.setFault({ kind: 'silence', answers: 1 });
                break;
              case 'error':
                csms.setFault({ kind: 'error', answers: 1 });
                break;
              case 'plug':
                if (station.state.status !== 'Available') break;
                station.plug(true);
                plugs++;
                // the station looks at its outlet each second: nobody waits so long here
                await until('a transaction', () => {
                  station.plug(true);
                  return station.state.transaction !== undefined;
                });
                break;
              case 'unplug':
                station.plug(false);
                break;
              case 'breathe':
                await soon(4);
            }
          }
          csms.clearFault();
          station.plug(false);
          await until('all told', () => station.state.waiting === 0 && station.state.isConnected);
          const { sessions, repeats } = csms;
          expect([sessions.length, sessions.every(({ endedAt }) => endedAt !== undefined), csms.bill.orphans]).toEqual([plugs, true, 0]); // prettier-ignore
          const times = told(csms);
          expect(times).toEqual([...times].sort());
          // what came again was one whose answer did not reach the station
          expect(repeats.start + repeats.stop + repeats.values).toBeLessThanOrEqual(station.state.counts.resent);
          expect(station.state.counts.dropped).toBe(0);
        } finally {
          await station.close();
          await csms.close();
        }
      },
    );
    await fc.assert(run, { numRuns: 40 });
  },
);
