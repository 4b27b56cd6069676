import { Controller, Get, Inject, Param } from '@nestjs/common';
import { durationText } from '@smx-edge/model';
import type { Action, Preview, RoleHolders, View } from '@smx-edge/access';
import type { GrantsAnswer, RoleAnswer } from '../answers.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { listPoints } from '../points/point-answers.js';

@Controller('api/v1/grants')
export class GrantsController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('grants')
  list(): RoleAnswer[] {
    return this.doors.gate.roleHolders().map(roleAnswer);
  }

  @Get(':role')
  @Manage('grants')
  show(@Param('role') role: string): Promise<GrantsAnswer> {
    return this.doors.gate.preview(role, grantsAnswer);
  }
}

function roleAnswer({ role, principals }: RoleHolders): RoleAnswer {
  const { name, purpose = null, authority } = role;
  return { role: name, purpose, authority, principals: [...principals].sort() };
}

function grantsAnswer(view: View, seen: Preview): GrantsAnswer {
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
