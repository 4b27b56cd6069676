import { isDeviceName, type Clock, type LiveSource } from '@smx-edge/model';

export type NameAnswer = { readonly name: string } | { readonly refused: string };

interface Claim {
  readonly instance: string;
  readonly name: string;
  settle(answer: NameAnswer): void;
}

/** How long a later instance waits for earlier ones to name their devices, ms. */
const HEAD_START = 1000;

/**
 * Which instance has which device name. A name once given stays; a new one goes to the instance that stands earlier in
 * the config, whoever happens to start faster; the other's device becomes `<name>-<instance>`.
 */
export class NameBook {
  private readonly owners = new Map<string, string>();
  private order: readonly string[] = [];
  private readonly pending = new Set<string>();
  private claims: Claim[] = [];

  constructor(private readonly clock: Clock) {}

  /** Takes over what the catalogue knows, and whose turn it is. */
  begin(live: LiveSource, order: readonly string[]): void {
    this.owners.clear();
    for (const { definition } of live.points()) this.owners.set(definition.device, definition.instance);
    for (const { name, instance } of live.devices()) this.owners.set(name, instance);
    this.order = order;
    this.pending.clear();
    for (const instance of order) this.pending.add(instance);
    this.clock.after(HEAD_START, () => {
      this.pending.clear();
      this.decide();
    });
  }

  /** `settle` is called at once where the name is known, else after the head start of earlier instances. */
  claim(claim: Claim): void {
    this.claims.push(claim);
    this.decide();
  }

  /** This instance has named what it names at its start, or will not. */
  ready(instance: string): void {
    if (this.pending.delete(instance)) this.decide();
  }

  /** Withdraws the open claims of an instance that ended. */
  withdraw(instance: string): void {
    this.claims = this.claims.filter((claim) => claim.instance !== instance);
    this.ready(instance);
  }

  release(name: string): void {
    this.owners.delete(name);
  }

  private decide(): void {
    const waiting: Claim[] = [];
    const open = this.claims;
    this.claims = [];
    for (const claim of open) {
      if (!this.owners.has(claim.name) && this.someEarlier(claim.instance)) waiting.push(claim);
      else claim.settle(this.answer(claim.instance, claim.name));
    }
    this.claims.push(...waiting);
  }

  private someEarlier(instance: string): boolean {
    const place = this.order.indexOf(instance);
    return this.order.some((other, i) => i < place && this.pending.has(other));
  }

  private answer(instance: string, name: string): NameAnswer {
    if (!isDeviceName(name)) return { refused: `"${name.slice(0, 60)}" is not a device name` };
    const renamed = `${name}-${instance}`;
    const owner = this.owners.get(name);
    const stays = owner !== instance && this.owners.get(renamed) === instance;
    const given = !stays && (owner === undefined || owner === instance) ? name : renamed;
    const holder = this.owners.get(given);
    if (holder !== undefined && holder !== instance)
      return { refused: `the names ${name} and ${renamed} belong to ${owner ?? holder} and ${holder}` };
    if (!isDeviceName(given))
      return { refused: `${name} belongs to ${owner ?? '?'} and ${renamed} is too long a name` };
    this.owners.set(given, instance);
    return { name: given };
  }
}
