import type { Data } from './data.js';

/** What part of an attribute is asked for: 1 by range, 2 by entry (Green Book §4.3.6). */
export interface Selection {
  readonly selector: number;
  readonly parameters: Data;
}

/** An attribute by logical name. `name`: six octets. */
export interface AttributeReference {
  readonly classId: number;
  readonly name: Uint8Array;
  readonly attribute: number;
  readonly selection?: Selection;
}

export interface MethodReference {
  readonly classId: number;
  readonly name: Uint8Array;
  readonly method: number;
}

/** A value, or the Data-Access-Result that stands in its place. */
export type GetResult = { readonly data: Data } | { readonly error: number };

/** Invoke id (0 to 15), and bits 6 (confirmed) and 7 (high priority), as one byte. */
export type InvokeIdAndPriority = number;

/** Confirmed, high priority, invoke id 1. */
export const DEFAULT_INVOKE: InvokeIdAndPriority = 0xc1;

interface Invoked {
  readonly invoke: InvokeIdAndPriority;
}

export type GetRequest = Invoked & { readonly apdu: 'get-request' } & (
    | { readonly type: 'normal'; readonly attribute: AttributeReference }
    | { readonly type: 'next'; readonly block: number }
    | { readonly type: 'with-list'; readonly list: readonly AttributeReference[] }
  );

/** What others ask of a meter; this product decodes it and never encodes it. */
export type SetRequest = Invoked & {
  readonly apdu: 'set-request';
  readonly type: 'normal';
  readonly attribute: AttributeReference;
  readonly data: Data;
};

export type ActionRequest = Invoked & {
  readonly apdu: 'action-request';
  readonly type: 'normal';
  readonly method: MethodReference;
  readonly parameters?: Data;
};

export type LnRequest = GetRequest | SetRequest | ActionRequest;

export type GetResponse = Invoked & { readonly apdu: 'get-response' } & (
    | { readonly type: 'normal'; readonly result: GetResult }
    | {
        readonly type: 'with-datablock';
        readonly last: boolean;
        readonly block: number;
        readonly result: { readonly raw: Uint8Array } | { readonly error: number };
      }
    | { readonly type: 'with-list'; readonly list: readonly GetResult[] }
  );

export type SetResponse = Invoked & {
  readonly apdu: 'set-response';
  readonly type: 'normal';
  readonly result: number;
};

export type ActionResponse = Invoked & {
  readonly apdu: 'action-response';
  readonly type: 'normal';
  /** Action-Result; 0 = success. */
  readonly result: number;
  readonly returned?: GetResult;
};

export type LnResponse = GetResponse | SetResponse | ActionResponse;
