import {
  isDeviceName,
  isPointPath,
  POINT_KINDS,
  POINT_TYPES,
  SmxError,
  type LivePoint,
  type PointDefinition,
} from '@smx-edge/model';
import { canonicalJson } from '../canonical-json.js';

function check(definition: PointDefinition): void {
  const { path, device, aliases = [], type, kind, maxAge } = definition;
  if (!isPointPath(path))
    throw new SmxError('SMX_POINT_PATH', `"${path}" is not a point path; use lower case segments like device/quantity`);
  const wrong = aliases.find((alias) => !isPointPath(alias));
  if (wrong !== undefined) throw new SmxError('SMX_POINT_PATH', `alias "${wrong}" of ${path} is not a point path`);
  if (!isDeviceName(device) || !path.startsWith(`${device}/`))
    throw new SmxError('SMX_POINT_DEFINITION', `${path}: the device must be its first segment, not "${device}"`);
  if (!POINT_TYPES.includes(type))
    throw new SmxError('SMX_POINT_DEFINITION', `${path}: the type must be one of ${POINT_TYPES.join(', ')}`);
  if (!POINT_KINDS.includes(kind))
    throw new SmxError('SMX_POINT_DEFINITION', `${path}: the kind must be one of ${POINT_KINDS.join(', ')}`);
  if (!Number.isFinite(maxAge) || maxAge < 0)
    throw new SmxError('SMX_POINT_DEFINITION', `${path}: the max age must be milliseconds, 0 for never`);
}

const ownerKey = ({ path, instance }: PointDefinition): string => `${path} ${instance}`;

export interface Declared {
  readonly kind: 'added' | 'updated' | 'same';
  readonly handle: number;
  /** The point of another type that had this path. */
  readonly replaced?: LivePoint;
}

/** Which handle is which point. Handles count up and are never given to another point. */
export class Catalogue {
  private readonly definitions: (PointDefinition | undefined)[] = [];
  private readonly paths = new Map<string, number>();
  private readonly aliases = new Map<string, number>();
  /** Points that were removed and may come back under their old handle. */
  private readonly removed = new Map<string, LivePoint>();
  /** Definitions of points that were removed, by handle. */
  private readonly ended = new Map<number, PointDefinition>();
  /** The same by path and alias, which nothing leaves: what was told of a person does not stop being so. */
  private readonly endedPaths = new Map<string, PointDefinition>();
  limit = 1;

  restore(points: readonly LivePoint[], removed: readonly LivePoint[]): void {
    for (const point of removed) this.limit = Math.max(this.limit, point.handle + 1);
    for (const point of removed) this.noteRemoved(point);
    for (const { handle, definition } of points) this.put(handle, definition);
  }

  definition(handle: number): PointDefinition | undefined {
    return this.definitions[handle];
  }

  former(handle: number): PointDefinition | undefined {
    return this.ended.get(handle);
  }

  formerAt(path: string): PointDefinition | undefined {
    return this.endedPaths.get(path);
  }

  handleOf(path: string): number | undefined {
    return this.paths.get(path) ?? this.aliases.get(path);
  }

  *points(): Iterable<LivePoint> {
    for (const [handle, definition] of this.definitions.entries())
      if (definition !== undefined) yield { handle, definition };
  }

  /** Throws SMX_POINT_PATH, SMX_POINT_DEFINITION, SMX_POINT_OWNED. */
  declare(definition: PointDefinition): Declared {
    check(definition);
    const handle = this.paths.get(definition.path);
    const known = handle === undefined ? undefined : this.definitions[handle];
    if (handle === undefined || known === undefined) return { kind: 'added', handle: this.add(definition) };
    if (known.instance !== definition.instance)
      throw new SmxError(
        'SMX_POINT_OWNED',
        `${known.path} belongs to instance ${known.instance}; choose another device name`,
      );
    if (known.type !== definition.type) {
      // rows of another type under one id would mislead whoever learnt the id
      this.remove(handle);
      return { kind: 'added', handle: this.add(definition), replaced: { handle, definition: known } };
    }
    if (canonicalJson(known) === canonicalJson(definition)) return { kind: 'same', handle };
    this.forgetAliases(handle, known);
    this.put(handle, definition);
    return { kind: 'updated', handle };
  }

  remove(handle: number): PointDefinition | undefined {
    const definition = this.definitions[handle];
    if (definition === undefined) return undefined;
    this.definitions[handle] = undefined;
    this.paths.delete(definition.path);
    this.forgetAliases(handle, definition);
    this.noteRemoved({ handle, definition });
    return definition;
  }

  private noteRemoved(point: LivePoint): void {
    this.removed.set(ownerKey(point.definition), point);
    this.ended.set(point.handle, point.definition);
    const { path, aliases = [] } = point.definition;
    for (const name of [path, ...aliases])
      if (this.endedPaths.get(name)?.personal !== true) this.endedPaths.set(name, point.definition);
  }

  private add(definition: PointDefinition): number {
    const key = ownerKey(definition);
    const before = this.removed.get(key);
    const handle = before?.definition.type === definition.type ? before.handle : this.limit;
    this.removed.delete(key);
    this.put(handle, definition);
    return handle;
  }

  private put(handle: number, definition: PointDefinition): void {
    while (this.definitions.length <= handle) this.definitions.push(undefined);
    this.definitions[handle] = definition;
    this.ended.delete(handle);
    this.paths.set(definition.path, handle);
    for (const alias of definition.aliases ?? []) this.aliases.set(alias, handle);
    this.limit = Math.max(this.limit, handle + 1);
  }

  private forgetAliases(handle: number, definition: PointDefinition): void {
    for (const alias of definition.aliases ?? []) if (this.aliases.get(alias) === handle) this.aliases.delete(alias);
  }
}
