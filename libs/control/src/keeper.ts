import { describeError, type CommandShelf, type Log } from '@smx-edge/model';
import type { ArbiterPorts } from './ports.js';
import { recordOf, rowOf } from './record.js';

/** The store of commands as the arbiter asks it; a fault of it is logged, and told as one. */
export class Keeper implements Pick<ArbiterPorts, 'claim' | 'keep'> {
  constructor(private readonly o: { readonly shelf: CommandShelf; readonly log: Log }) {}

  readonly claim: ArbiterPorts['claim'] = ({ record, held }, done) => {
    this.o.shelf.claimCommand(rowOf(record), held).then(
      (row) => done(row === undefined ? {} : { known: recordOf(row) }),
      (error: unknown) => {
        this.failed(error);
        done('failed');
      },
    );
  };

  readonly keep: ArbiterPorts['keep'] = ({ records, ...marks }, done) => {
    this.o.shelf.putCommands({ rows: records.map(rowOf), ...marks }).then(
      () => done(true),
      (error: unknown) => {
        this.failed(error);
        done(false);
      },
    );
  };

  private failed(error: unknown): void {
    this.o.log.error('the store did not take a command', { error: describeError(error) });
  }
}
