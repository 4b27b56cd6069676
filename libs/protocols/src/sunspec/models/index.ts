import { COMMON } from './common.js';
import { CONTROLS, STATUS } from './controls.js';
import type { ModelDefinition } from './definition.js';
import { INVERTER_FLOAT_MODELS } from './inverter-float.js';
import { INVERTER_MODELS } from './inverter.js';
import { METER_FLOAT_MODELS } from './meter-float.js';
import { METER_MODELS } from './meter.js';
import { MPPT } from './mppt.js';
import { NAMEPLATE, SETTINGS } from './settings.js';
import { STORAGE } from './storage.js';

/** The models this product reads, in the order of their ids. */
export const MODELS: readonly ModelDefinition[] = [
  COMMON,
  ...INVERTER_MODELS,
  ...INVERTER_FLOAT_MODELS,
  NAMEPLATE,
  SETTINGS,
  STATUS,
  CONTROLS,
  STORAGE,
  MPPT,
  ...METER_MODELS,
  ...METER_FLOAT_MODELS,
];

const BY_ID = new Map(MODELS.map((definition) => [definition.id, definition]));

/** Undefined for a model that is passed over. */
export const modelOf = (id: number): ModelDefinition | undefined => BY_ID.get(id);
