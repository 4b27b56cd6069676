import { useState } from 'preact/hooks';
import { Problem } from '../../api/problem.js';
import { logIn } from '../../state/session.js';

interface Knocking {
  readonly isBusy: boolean;
  readonly problem: Problem | undefined;
  readonly knock: (wish: Parameters<typeof logIn>[0]) => Promise<void>;
}

/** One try at a time to get in. */
export function useDoor(): Knocking {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const knock = async (wish: Parameters<typeof logIn>[0]): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await logIn(wish);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, problem, knock };
}
