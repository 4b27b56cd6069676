import type { Command, Schedule } from '../../api/answers.js';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { points } from '../../state/live.js';
import { SetpointCard } from './setpoint-card.js';

const RENEW = 2000;

/** Set-points that who is logged in may command. */
export function ControlView() {
  const { answer, problem, again } = useAnswer<Command[]>('commands?open=true', RENEW);
  const planned = useAnswer<Schedule[]>('schedules', RENEW);
  const done = (): void => {
    again();
    planned.again();
  };
  const setpoints = points.value.filter(({ write }) => write !== undefined);
  return (
    <>
      <div class="head">
        <h1>{t('control.title')}</h1>
      </div>
      <ProblemNote problem={problem ?? planned.problem} />
      {setpoints.length === 0 && <p class="card empty">{t('control.none')}</p>}
      {setpoints.map((point) => (
        <SetpointCard
          key={point.path}
          point={point}
          open={answer?.filter((command) => command.point === point.path)}
          plans={planned.answer?.filter((plan) => plan.point === point.path) ?? []}
          onDone={done}
        />
      ))}
    </>
  );
}
