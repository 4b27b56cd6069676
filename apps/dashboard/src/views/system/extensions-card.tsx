import { useState } from 'preact/hooks';
import type { Instance } from '../../api/answers.js';
import { post } from '../../api/client.js';
import { Problem } from '../../api/problem.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { StateBadge } from '../../parts/state-badge.js';
import { useAnswer } from '../../api/use-answer.js';
import { clockText } from '../../parts/value.js';
import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import { Reason } from './reason.js';

const RENEW = 3000;

function Restart({ id, onDone }: { id: string; onDone: () => void }) {
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [isAsked, setAsked] = useState(false);
  const restart = async (): Promise<void> => {
    try {
      await post(`extensions/${encodeURIComponent(id)}/restart`, undefined);
      setAsked(true);
      onDone();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  return (
    <div class="act">
      <button type="button" aria-label={`${t('system.restart')} ${id}`} onClick={() => void restart()}>
        {t('system.restart')}
      </button>
      <span role="status">{isAsked && t('system.restarting')}</span>
      <ProblemNote problem={problem} />
    </div>
  );
}

function Facts({ instance: { use, version = '', restarts = 0, memory, lines = [] } }: { instance: Instance }) {
  return (
    <dl class="facts">
      <div>
        <dt>{t('system.version')}</dt>
        <dd>
          {use} {version}
        </dd>
      </div>
      {memory !== undefined && (
        <div>
          <dt>{t('system.memory')}</dt>
          <dd>{quantityText(memory, 'By', language.value)}</dd>
        </div>
      )}
      <div>
        <dt>{t('system.restarts')}</dt>
        <dd>{restarts}</dd>
      </div>
      {lines.map(({ source, status, text }) => (
        <div key={source}>
          <dt>{t('system.line')}</dt>
          <dd>
            <code>{source}</code> {status}
            {text !== undefined && <span class="why"> {text}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Row({ instance, onChange }: { instance: Instance; onChange: () => void }) {
  const { id, title, state, since, reason, code, retryAt, lines = [], notices = [], refusals = [], status } = instance;
  const isSaidByLine = lines.some(({ text }) => text === status?.text);
  const canRestart = state === 'failed' || state === 'quarantined' || state === 'degraded' || state === 'running';
  return (
    <li class="item">
      <div class="item-head">
        <h3>{id}</h3>
        <span class="muted">{title}</span>
        <StateBadge state={state} />
        <span class="muted">{t('devices.since', { time: clockText(since) })}</span>
      </div>
      {status?.text !== undefined && !isSaidByLine && (
        <p class={status.state === 'ok' || status.state === 'busy' ? 'muted' : 'warn-text'}>{status.text}</p>
      )}
      <Reason state={state} reason={reason} code={code} retryAt={retryAt} />
      {notices.map((notice) => (
        <p key={notice} class="warn-text">
          {notice}
        </p>
      ))}
      {refusals.map((refusal) => (
        <p key={refusal} class="warn-text">
          {t('system.refused')}: {refusal}
        </p>
      ))}
      <Facts instance={instance} />
      {canRestart && <Restart id={id} onDone={onChange} />}
    </li>
  );
}

/** Instances of extensions and their state. */
export function ExtensionsCard() {
  const { answer, problem, again } = useAnswer<Instance[]>('extensions', RENEW);
  return (
    <Card title={t('system.extensions')}>
      <ProblemNote problem={problem} />
      {answer?.length === 0 && <p class="muted">{t('system.extensions.none')}</p>}
      <ul class="items">
        {answer?.map((instance) => (
          <Row key={instance.id} instance={instance} onChange={again} />
        ))}
      </ul>
    </Card>
  );
}
