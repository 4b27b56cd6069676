import { SmxError, type Clock } from '@smx-edge/model';
import type { Gate, Principals } from '@smx-edge/access';
import type { Links } from '@smx-edge/northbound';
import { problemSection, problemText, type Config, type Problem } from '../config/index.js';
import type { LinkAnswer } from '../http/answers.js';
import type { PartState } from '../http/doors.js';
import type { PlannedLink } from './link-plan.js';

export interface LinkPartOptions {
  readonly links: Links;
  readonly gate: Gate;
  readonly principals: Principals;
  readonly clock: Clock;
  readonly named: Config['named'];
  /** What is wrong in the config. */
  readonly problems: readonly Problem[];
}

/** The links of the box, those with a broken section included. */
export class LinkPart {
  private readonly failed: LinkAnswer[] = [];

  constructor(private readonly o: LinkPartOptions) {}

  /** Gives each link its principal and starts it; a section that cannot be used is a state of its own. */
  start(plan: readonly PlannedLink[]): void {
    const { clock, gate, links, named, principals } = this.o;
    const taken = new Set(principals.list().map(({ name }) => name));
    for (const { name, kind } of named) {
      if (kind !== 'link') continue;
      const planned = plan.find(({ options }) => options.name === name);
      if (planned === undefined) this.fail(name, this.sectionFault(name));
      else if (taken.has(name)) {
        const text = `the name "${name}" is taken by a user or token; rename the link or revoke \`${name}\``;
        this.fail(name, new SmxError('SMX_ACCESS_NAME_TAKEN', text));
      } else {
        const { alias, role } = planned.options;
        const record = { name, kind, role, created: clock.now(), ...(alias === undefined ? {} : { alias }) };
        gate.putPrincipal(record);
        links.add(planned.options, planned.over);
      }
    }
  }

  /** Empties what links that are no more left on their brokers. */
  clear(former: readonly PlannedLink[]): void {
    for (const { options, over, done } of former) this.o.links.add(options, over, done);
  }

  list(): LinkAnswer[] {
    return [...this.o.links.list(), ...this.failed].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  status(): PartState {
    const all = this.list().filter((link) => !('former' in link));
    const off = all.filter(({ state }) => state !== 'online');
    const online = all.length - off.length;
    const [first] = off;
    const code = first?.code;
    const text =
      all.length === 0
        ? 'none'
        : `${online} on line${off.length === 0 ? '' : `, ${off.map((link) => `${link.name} ${link.state}`).join(', ')}`}`;
    return { ok: off.length === 0, text, ...(code === undefined ? {} : { code }) };
  }

  private sectionFault(name: string): SmxError {
    const own = this.o.problems.filter((problem) => {
      const section = problemSection(problem);
      return section === undefined ? problem.path[0] === 'links' : section.kind === 'link' && section.name === name;
    });
    const text = `${own.map(problemText).join('; ')}; repair the config and restart the core`;
    return new SmxError(own[0]?.code ?? 'SMX_CONFIG_INVALID', text);
  }

  private fail(name: string, { code, message }: SmxError): void {
    this.failed.push({ name, state: 'failed', since: this.o.clock.now(), code, reason: message });
  }
}
