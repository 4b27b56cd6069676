import { useEffect } from 'preact/hooks';
import type { EventRecord } from '@smx-edge/model';
import type { Command, Point, Schedule } from '../../api/answers.js';
import { useAnswer } from '../../api/use-answer.js';
import { maybe, t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { Value } from '../../parts/value.js';
import { Alarms } from './alarms.js';
import { CommandRow } from './command-row.js';
import { queueOf } from './open-commands.js';
import { Outcomes } from './outcomes.js';
import { OverrideForm } from './override-form.js';
import { Plans } from './plans.js';

const SHOWN = 10;

interface SetpointProps {
  readonly point: Point;
  /** Its commands that hold or wait; undefined while that is not known. */
  readonly open: readonly Command[] | undefined;
  readonly plans: readonly Schedule[];
  readonly onDone: () => void;
}

function Rows({ title, commands, ...rest }: { title: string; commands: readonly Command[] } & RowRest) {
  if (commands.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="items">
        {commands.map((command) => (
          <CommandRow key={`${command.principal} ${command.id}`} command={command} {...rest} />
        ))}
      </ul>
    </>
  );
}

interface RowRest {
  readonly unit: string | null;
  readonly onDone: () => void;
}

/** One set-point: what it is, who holds it and why, who waits, what is planned, what became of commands; and how to override it. */
export function SetpointCard({ point, open, plans, onDone }: SetpointProps) {
  const { path, unit, type, write } = point;
  const history = useAnswer<Command[]>(`commands?match=${encodeURIComponent(path)}&limit=${SHOWN}`);
  const events = useAnswer<EventRecord[]>(`events?match=${encodeURIComponent(path)}&from=6h`);
  const known = open?.map(({ principal, id, state, t: at }) => `${principal} ${id} ${state} ${at}`).join();
  useEffect(history.again, [known]);
  useEffect(events.again, [known]);
  const { holder, waiting, limits } = queueOf(open ?? []);
  const alarm = holder === undefined ? undefined : maybe(`control.alarm.${holder.state}`);
  const rest = { unit, onDone };
  return (
    <Card title={path} class="setpoint" aside={<Value path={path} unit={unit} type={type} wordy />}>
      {alarm !== undefined && (
        <p class={`note ${holder?.state === 'clamped' ? 'warn' : 'bad'}`} role="alert">
          {alarm}
        </p>
      )}
      {holder !== undefined && <Rows title={t('control.holds')} commands={[holder]} {...rest} />}
      {open !== undefined && holder === undefined && <p>{t('control.free')}</p>}
      <Rows title={t('control.waits')} commands={waiting} {...rest} />
      <Rows title={t('control.limits')} commands={limits} {...rest} />
      <Plans plans={plans} {...rest} />
      {write?.authority !== 'owner' && <p class="muted">{t('control.own')}</p>}
      <h3>{t('control.override')}</h3>
      <OverrideForm point={point} onDone={onDone} />
      <Alarms events={events.answer ?? []} />
      <h3>{t('control.history')}</h3>
      <ProblemNote problem={history.problem} />
      {history.answer !== undefined && <Outcomes commands={history.answer} unit={unit} />}
    </Card>
  );
}
