import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { durationText, isSmxError, type Zone } from '@smx-edge/model';
import type { Action, Moment, Preview, RoleHolders, View } from '@smx-edge/access';
import type { GrantsAnswer, RoleAnswer, TimedGrantAnswer } from '../answers.js';
import { Absent } from '../common/absent.js';
import { listed } from '../common/page.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { listPoints } from '../points/point-answers.js';

@Controller('api/v1/grants')
export class GrantsController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('grants')
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): RoleAnswer[] {
    return listed(this.doors.gate.roleHolders().map(roleAnswer), ({ role }) => role, { request, reply });
  }

  @Get(':role')
  @Manage('grants')
  async show(@Param('role') role: string): Promise<GrantsAnswer> {
    const { gate, zone } = this.doors;
    try {
      return await gate.preview(role, (view, seen) => ({
        ...grantsAnswer(view, seen),
        timed: timedGrants(seen, zone),
      }));
    } catch (error) {
      throw isSmxError(error) && error.code === 'SMX_ACCESS_ROLE_UNKNOWN' ? new Absent(error) : error;
    }
  }
}

function roleAnswer({ role, principals }: RoleHolders): RoleAnswer {
  const { name, purpose = null, authority } = role;
  return { role: name, purpose, authority, principals: [...principals].sort() };
}

function grantsAnswer(view: View, seen: Preview): Omit<GrantsAnswer, 'timed'> {
  const { holding } = seen;
  const filters = (action: Action): string[] => [
    ...new Set(holding.flatMap(({ actions }) => [...(actions[action] ?? [])])),
  ];
  return {
    ...roleAnswer(seen),
    points: listPoints(view).map((point) => ({ ...point, ...formOf(view, point.path) })),
    history: historyOf(view),
    commands: commandsOf(view),
    events: filters('events'),
    profiles: filters('profiles'),
    calls: filters('call'),
    manages: filters('manage'),
  };
}

function timedGrants({ role, holding }: Preview, zone: Zone): TimedGrantAnswer[] {
  const at = (moment: Moment | undefined): number | null =>
    moment === undefined ? null : moment.local ? zone.utc(moment.t) : moment.t;
  return role.grants
    .filter(({ from, until, hours }) => (from ?? until ?? hours) !== undefined)
    .map((grant) => {
      const { actions, from, until, hours } = grant;
      const day: TimedGrantAnswer['hours'] = hours === undefined ? null : [hourText(hours.from), hourText(hours.to)];
      return { actions, from: at(from), until: at(until), hours: day, holds: holding.includes(grant) };
    });
}

/** `HH:MM` of ms after midnight. */
function hourText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function formOf(view: View, path: string): { delay?: string; round?: number; interval?: string } {
  const point = view.points(path)[0];
  return point === undefined ? {} : conditionsOf(point);
}

const conditionsOf = ({ delay, round, interval }: { delay: number; round: number; interval: number }) => ({
  ...(delay === 0 ? {} : { delay: durationText(delay) }),
  ...(round === 0 ? {} : { round }),
  ...(interval === 0 ? {} : { interval: durationText(interval) }),
});

function historyOf(view: View): GrantsAnswer['history'] {
  return view
    .reachable()
    .flatMap(({ handle, definition }) => {
      const form = view.historyForm(handle);
      if (form === undefined) return [];
      const every = form.every === 0 ? {} : { every: durationText(form.every), as: form.as };
      return [{ path: definition.path, ...every, ...conditionsOf(form) }];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function commandsOf(view: View): GrantsAnswer['commands'] {
  return view
    .reachable()
    .flatMap(({ handle, definition }) => {
      const grant = view.command(handle);
      if (grant === undefined) return [];
      const { between, lease, priority, authority } = grant;
      return [{ path: definition.path, between: between ?? null, lease: durationText(lease), priority, authority }];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
