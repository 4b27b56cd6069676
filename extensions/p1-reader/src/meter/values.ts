import type { PointValue } from '@smx-edge/model';
import type { SampleValue } from '@smx-edge/extension-api';

/** One batch of a device in the making: path to value. */
export type Values = Record<string, PointValue | SampleValue>;
