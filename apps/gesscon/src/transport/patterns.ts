import { applyDecorators } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { Stored } from './acks.js';
import type { Uplink } from './uplink.js';

/** What a handler of smx/1 is: it takes all messages that came since it was last called. */
export type UplinkHandler = (uplinks: readonly Uplink[]) => Promise<void>;

/** What a handler of batches is: it resolves with those that are committed, which are then acknowledged. */
export type BatchHandler = (uplinks: readonly Uplink[]) => Promise<readonly Stored[]>;

/** Extras of a pattern whose messages are shared among workers and acknowledged. */
export const BATCHES = { isShared: true } as const;

/** Handles messages on `topic`, a topic filter below `smx/1/{site}/{party}/`. Every worker gets every one of them. */
export const OnUplink = (topic: string): TypedDescriptor<UplinkHandler> => applyDecorators(EventPattern(topic));

/** Handles batches of the certain lane: each comes to one worker, and what the handler has committed is acknowledged. */
export const OnBatches = (topic: string): TypedDescriptor<BatchHandler> =>
  applyDecorators(EventPattern(topic, undefined, BATCHES));

type TypedDescriptor<T> = (target: object, key: string, descriptor: TypedPropertyDescriptor<T>) => void;
