/** What the host asks of the port process over IPC, and what it answers. */
export type PortCommand =
  | { readonly id: number; readonly op: 'open'; readonly path: string; readonly baud: number; readonly mode: string }
  | { readonly id: number; readonly op: 'list' };

/** A serial port the system knows; fields that the adapter does not tell are absent. */
export interface PortInfo {
  /** The name that survives a replug, where there is one (`/dev/serial/by-id/…`). */
  readonly path: string;
  readonly device: string;
  readonly manufacturer?: string;
  readonly serialNumber?: string;
  /** USB ids, four hex digits each. */
  readonly vendorId?: string;
  readonly productId?: string;
}

export type PortAnswer =
  | { readonly id: number; readonly grant: { readonly socketPath: string; readonly nonce: string } }
  | { readonly id: number; readonly ports: readonly PortInfo[] }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };
