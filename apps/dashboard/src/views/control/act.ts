import { useState } from 'preact/hooks';
import { Problem } from '../../api/problem.js';

interface Act {
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  /** Does it, unless it is being done already; whether it was taken. */
  readonly run: (request: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that is asked of the box by a button. */
export function useAct(onDone: () => void): Act {
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const run = async (request: () => Promise<unknown>): Promise<boolean> => {
    if (isBusy) return false;
    setBusy(true);
    setProblem(undefined);
    try {
      await request();
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      return false;
    } finally {
      setBusy(false);
      onDone();
    }
  };
  return { problem, isBusy, run };
}
