import type { SmxContext, Tools } from './context.js';

/** A JSON Schema (draft 07 or 2020-12) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What `test` found: is what the config names reachable, and what it claims to be? A throw counts as not ok. */
export interface TestResult {
  readonly ok: boolean;
  readonly text: string;
  readonly data?: unknown;
}

/** One step of a discovery. */
export interface DiscoverStep {
  /** 0 … 1. */
  readonly progress?: number;
  readonly text?: string;
  /** Something found, with the config that would read it. */
  readonly found?: {
    readonly title: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly data?: unknown;
  };
}

/** UI data, CLI verbs, rare actions: reached by HTTP, `smx call` and the grant `call`. */
export interface CallDefinition<Config = unknown> {
  /** Schema of the arguments; the host checks it before the call. */
  readonly args: JsonSchema;
  /** Property of the arguments that a `call` grant may narrow by: INSTANCE/NAME/DETAIL. */
  readonly detail?: string;
  /** Details that the grant INSTANCE/NAME gives by itself; each other one needs its own. */
  readonly plain?: readonly string[];
  /** Tells or decides something about a person: granted only by its full name, never by a wildcard (the owner has it). Default false. */
  readonly personal?: boolean;
  run(args: unknown, smx: SmxContext<Config>): unknown;
}

export interface ExtensionDefinition<Config = unknown> {
  /**
   * Brings the instance up. It may run for as long as the instance lives (`for await` over a line) or return;
   * the instance counts as running once it returns, declares its first device or gives a status.
   * A throw makes the instance `failed` with the reason.
   */
  start(smx: SmxContext<Config>): void | Promise<void>;
  test?(config: Config, tools: Tools): TestResult | Promise<TestResult>;
  discover?(source: string, tools: Tools): AsyncIterable<DiscoverStep>;
  readonly calls?: Readonly<Record<string, CallDefinition<Config>>>;
}

/** The default export of an extension. */
export function defineExtension<Config = unknown>(
  definition: ExtensionDefinition<Config>,
): ExtensionDefinition<Config> {
  return definition;
}
