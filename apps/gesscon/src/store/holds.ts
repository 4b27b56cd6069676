import { AT_ONCE, DEVICE_TIME, PACE } from '../dispatch/order.js';

/** The newest catalogue of the box offers the set-point; `now`: a parameter, ms UTC. */
const offered = (now: string): string => `exists (select 1 from offer where offer.site = command.site
  and offer.cat = site.cat and offer.path = point and (up = 1 or site.seen + ${DEVICE_TIME} <= ${now}))`;

/**
 * Condition that an order may go out to a box that is on line. One that the box has not answered yet waits for its
 * set-point, since a refusal stands for good under its id; to cancel it or to ask what became of it needs none.
 */
export const mayGo = (now: string): string =>
  `(command.state <> 'queued' or cancelled = 1 or until <= ${now} or ${offered(now)})`;

/** Why nothing goes out to the box, in words; null where nothing is in the way. */
export const obstacle = (now: string): string => `case
  when site.state is null or site.state <> 'online' then 'the box is not on line'
  when ${offered(now)} then null
  when not exists (select 1 from catalogue where catalogue.site = site.key and catalogue.cat = site.cat)
    then 'the catalogue of the box has not come yet'
  when exists (select 1 from offer where offer.site = site.key and offer.cat = site.cat and offer.path = point)
    then 'the device is not on line at the box'
  else 'the box does not offer the point to command: its device is not there yet, or the role does not grant it' end`;

/** How far those that went have moved `site.paced` on, each by the pace, ms; what is farther is of a clock that was set back. */
export const pacedBy = (now: string): string =>
  `case when paced > ${now} and paced <= ${now} + ${AT_ONCE * PACE} then paced - ${now} else 0 end`;

/** Condition that the n-th order of a box may go out now. */
export const isItsTurn = (nth: string, now: string): string =>
  `${nth} * ${PACE} + ${pacedBy(now)} <= ${AT_ONCE * PACE}`;

/** Why an order does not go out now; null where it did, or may. */
export const waits = (now: string): string => `case
  when due is null or command.state <> 'queued' or cancelled = 1 or until <= ${now} then null
  else coalesce(${obstacle(now)}, case when sent = 0 and not (${isItsTurn('1', now)})
    then 'others to the box go first, one a second' end) end`;
