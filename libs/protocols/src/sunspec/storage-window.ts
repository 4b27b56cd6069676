import { SmxError } from '@smx-edge/model';
import { encodeWrite, type RegisterWrite } from './encode.js';
import type { Registers } from './field.js';
import { decodeModel, type Decoded, type ModelPlace } from './model.js';

/**
 * What the power of a store may be, W, load convention: positive charges. A bound that is missing is the store's own. Both the
 * same is a set-point; `least` above 0 charges at least so much, `most` below 0 discharges at least so much.
 */
export interface StorageWindow {
  readonly least?: number;
  readonly most?: number;
}

/** Writes in their order, which may be none, and the window that the store has after them: rounded, and cut to its `WChaMax`. */
export interface WindowPlan {
  readonly writes: readonly RegisterWrite[];
  readonly window: StorageWindow;
}

interface State {
  readonly StorCtl_Mod: number;
  readonly OutWRte: number;
  readonly InWRte: number;
}

type Rates = Pick<State, 'OutWRte' | 'InWRte'>;

const MODEL = 124;
const CHARGE = 1;
const DISCHARGE = 2;
const FREE = 100;

const refuse = (what: string): SmxError => new SmxError('SMX_PROTOCOL_ENCODE', what);

/** The window that model 124 holds a store to. Throws SMX_PROTOCOL_ENCODE where a read of it says nothing of one. */
export function storageWindow(place: ModelPlace, words: Registers): StorageWindow {
  return heldWindow(modelAt(place, words));
}

/** The same of a model that was decoded already. */
export function heldWindow(model: Decoded): StorageWindow {
  const { chargeMax, state } = stateOf(model);
  return windowOf(state, chargeMax);
}

/**
 * Writes to model 124 that hold a store to `window`. `words` is a fresh read of the model. Both rates go in one write: on the way
 * no window is invalid (-InWRte above OutWRte), and neither bound is looser than before and after (Fronius Modbus TCP & RTU, basic
 * storage control). Throws SMX_PROTOCOL_ENCODE.
 */
export function planWindow(place: ModelPlace, words: Registers, window: StorageWindow): WindowPlan {
  const { chargeMax, state: now } = stateOf(modelAt(place, words));
  const { least, most } = window;
  if (least !== undefined && most !== undefined && least > most)
    throw refuse(`a store cannot take at least ${least} W and at most ${most} W`);
  const percent = (watts: number): number => Math.min(FREE, Math.max(-FREE, (watts / chargeMax) * 100));
  const wanted = {
    OutWRte: least === undefined ? FREE : percent(-least),
    InWRte: most === undefined ? FREE : percent(most),
  };
  const mode = (most === undefined ? 0 : CHARGE) | (least === undefined ? 0 : DISCHARGE);
  const rates = encodeWrite(place, words, wanted).values as unknown as Rates;
  const steps = [tightened(now, { ...rates, StorCtl_Mod: mode }), { StorCtl_Mod: mode }, rates];
  const state: Record<string, number> = { ...now };
  const writes: RegisterWrite[] = [];
  for (const step of steps) {
    if (Object.entries(step).every(([name, value]) => state[name] === value)) continue;
    writes.push(encodeWrite(place, words, { ...step }));
    Object.assign(state, step);
  }
  return { writes, window: windowOf({ ...rates, StorCtl_Mod: mode }, chargeMax) };
}

/** Rates before the mode changes: what it is about to release stays, as far as the new bound of the other side lets it. */
function tightened(now: State, next: State): Rates {
  const released = now.StorCtl_Mod & ~next.StorCtl_Mod;
  if ((released & CHARGE) !== 0 && (released & DISCHARGE) !== 0) return { OutWRte: now.OutWRte, InWRte: now.InWRte };
  return {
    OutWRte: (released & DISCHARGE) === 0 ? next.OutWRte : Math.max(now.OutWRte, -next.InWRte),
    InWRte: (released & CHARGE) === 0 ? next.InWRte : Math.max(now.InWRte, -next.OutWRte),
  };
}

function modelAt(place: ModelPlace, words: Registers): Decoded {
  const model = decodeModel(place, words);
  if (place.id !== MODEL || 'fault' in model)
    throw refuse(`registers at ${place.address} are not those of model ${MODEL}: walk the chain again`);
  return model;
}

function stateOf(model: Decoded): { readonly chargeMax: number; readonly state: State } {
  const number = (name: string): number => {
    const field = model.fields[name];
    if (typeof field?.value !== 'number' || 'uncertain' in field)
      throw refuse(`the device gives no ${name}, so its store cannot be controlled`);
    return field.value;
  };
  const { value: chargeMax } = model.fields['WChaMax'] ?? { value: null };
  if (typeof chargeMax !== 'number' || chargeMax <= 0)
    throw refuse('the device gives no WChaMax, which its rates are percent of');
  const [StorCtl_Mod, OutWRte, InWRte] = ['StorCtl_Mod', 'OutWRte', 'InWRte'].map(number) as [number, number, number];
  return { chargeMax, state: { StorCtl_Mod, OutWRte, InWRte } };
}

function windowOf({ StorCtl_Mod: mode, OutWRte, InWRte }: State, chargeMax: number): StorageWindow {
  return {
    ...((mode & DISCHARGE) === 0 ? {} : { least: -(OutWRte * chargeMax) / 100 + 0 }),
    ...((mode & CHARGE) === 0 ? {} : { most: (InWRte * chargeMax) / 100 }),
  };
}
