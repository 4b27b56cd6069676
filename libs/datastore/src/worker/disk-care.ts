import type { Ballast } from './ballast.js';
import type { Faults, FaultSource } from './faults.js';
import type { FolderWatch } from './folder-watch.js';
import type { WireError } from './protocol.js';
import { wireError } from './store-error.js';

const RESERVE_USED: WireError = {
  code: 'SMX_STORE_FULL',
  message: 'the disk is full and the reserve of 16 MiB is in use; free space, or lower history.budget',
};

/** What is found out of a disk that fails, and what is done for room on it. */
export class DiskCare {
  constructor(
    private readonly o: { readonly ballast: Ballast; readonly watch: FolderWatch },
    private readonly faults: Faults,
  ) {}

  /** SQLite says of most errors only that there was one; the file system says which. */
  explain(error: WireError): WireError {
    if (error.code !== 'SMX_STORE_FAILED') return error;
    try {
      this.o.watch.probe();
      return error;
    } catch (found) {
      return wireError(found);
    }
  }

  /** Gives the reserve up where a fault is of a full disk. */
  relieve(error: WireError, source: FaultSource): void {
    if (source === 'space') return;
    try {
      this.o.ballast.relieve(error.code === 'SMX_STORE_FULL');
    } catch (failure) {
      this.faults.raise('space', wireError(failure));
    }
  }

  /** A reserve that is used up is a fault of its own: writes go well again, and the disk is full all the same. */
  keepReserve(): void {
    try {
      if (this.o.ballast.restore()) this.faults.clear('space');
      else this.faults.raise('space', RESERVE_USED);
    } catch (error) {
      this.faults.raise('space', wireError(error));
    }
  }
}
