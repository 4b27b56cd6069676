import { ChargePoint } from '../charge-point/index.js';
import { Csms } from '../csms/index.js';
import type { SiteDevice } from '../line/index.js';
import { Fields, invalid } from './fields.js';

const STATION_DEEDS = ['plug', 'unplug', 'leave', 'swipe', 'cut', 'close', 'dial', 'restart', 'tell'] as const;
const CSMS_DEEDS = [
  'tell',
  'frames',
  'go-away',
  'come-back',
  'refuse',
  'admit',
  'close',
  'cut',
  'ping',
  'call',
] as const;

/** What is done by a charge point or its back end for `{"device", "do", …}`. Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function act(device: SiteDevice | undefined, fields: Fields): object {
  if (device instanceof ChargePoint) return stationDoes(device, fields);
  if (device instanceof Csms) return csmsDoes(device, fields);
  throw invalid(fields.at('device'), 'a charge point or a csms', fields.take('device'));
}

function stationDoes(station: ChargePoint, fields: Fields): object {
  const deed = fields.oneOf('do', STATION_DEEDS);
  const tag = fields.text('tag') ?? 'OWNER';
  fields.end();
  switch (deed) {
    case 'plug':
    case 'unplug':
      station.plug(deed === 'plug');
      break;
    case 'leave':
      station.plug(null);
      break;
    case 'swipe':
      void station.swipe(tag);
      break;
    case 'cut':
      station.cut();
      break;
    case 'close':
      station.hangUp();
      break;
    case 'dial':
      station.dial();
      break;
    case 'restart':
      station.restart(true);
      break;
    case 'tell':
    case undefined:
  }
  return { station: station.state };
}

function csmsDoes(csms: Csms, fields: Fields): object {
  const deed = fields.oneOf('do', CSMS_DEEDS);
  const station = fields.text('station') ?? csms.stations[0] ?? '';
  const code = fields.number('code', { min: 1000, max: 4999 });
  const status = fields.number('status', { min: 400, max: 599 });
  const action = fields.text('action') ?? '';
  const payload = fields.take('payload') ?? {};
  fields.end();
  switch (deed) {
    case 'frames':
      return { frames: csms.frames(station).map(({ bytes, ...frame }) => ({ ...frame, text: bytes.toString('latin1') })) }; // prettier-ignore
    case 'go-away':
      void csms.goAway(code);
      break;
    case 'come-back':
      // a port that was taken meanwhile is told in the log
      csms.comeBack().catch(() => {});
      break;
    case 'refuse':
      csms.refuse(status ?? 503);
      break;
    case 'admit':
      csms.refuse(null);
      break;
    case 'close':
      csms.disconnect(station, code);
      break;
    case 'cut':
      csms.disconnect(station, null);
      break;
    case 'ping':
      csms.ping(station);
      break;
    case 'call':
      if (typeof payload !== 'object' || Array.isArray(payload)) throw invalid('payload', 'an object', payload);
      void csms.call(station, action, payload as Record<string, unknown>);
      break;
    case 'tell':
    case undefined:
  }
  return { csms: csms.state };
}
