import { computed } from '@preact/signals';
import { balanceOf } from '../energy/balance.js';
import { partsOf } from '../energy/parts.js';
import { devices } from './devices.js';
import { points, reading } from './live.js';

/** What the house is made of, as far as it is read. */
export const parts = computed(() => partsOf(points.value, devices.value));

export const balance = computed(() => balanceOf(parts.value, (path) => reading(path).value));

/** The meter at the connection; undefined where none is read. */
export const gridDevice = computed(
  () =>
    parts.value.find(({ kind }) => kind === 'grid')?.name ?? devices.value.find(({ kind }) => kind === 'meter')?.name,
);
