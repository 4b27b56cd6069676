import { useState } from 'preact/hooks';
import { post } from '../../api/client.js';
import { Problem } from '../../api/problem.js';
import { useCall } from '../../api/use-call.js';
import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { clockText } from '../../parts/value.js';
import { Told } from './told.js';

const RENEW = 5000;
/** Confidence below which an appliance is shown as a guess, as its points are. */
const SURE = 0.6;

interface Appliance {
  readonly id: string;
  readonly name: string | null;
  readonly phases: readonly string[];
  readonly power: number;
  readonly isOn: boolean;
  readonly energy: number;
  readonly runs: number;
  readonly confidence: number;
}

interface Loads {
  readonly recognition: 'on' | 'off';
  readonly at: number | null;
  readonly wait: string | null;
  readonly appliances: readonly Appliance[];
}

type Act = (name: string, args: object) => Promise<void>;

const labelOf = ({ id, name, phases, power }: Appliance): string =>
  name ?? t('quality.loads.unnamed', { id, phases: phases.join(' ').toUpperCase(), power: quantityText(power, 'W', language.value) }); // prettier-ignore

function Name({ appliance, act }: { appliance: Appliance; act: Act }) {
  const [text, write] = useState(appliance.name ?? '');
  const submit = (event: Event): void => {
    event.preventDefault();
    const name = text.trim();
    void act('name-appliance', { id: appliance.id, name: name === '' ? null : name });
  };
  return (
    <form class="act" onSubmit={submit}>
      <label>
        {t('quality.loads.name')}{' '}
        <input value={text} maxLength={60} onInput={({ currentTarget }) => write(currentTarget.value)} />
      </label>
      <button type="submit">{t('quality.loads.keep')}</button>
    </form>
  );
}

/** Joins this one with another, which goes into it. */
function Merge({ appliance, others, act }: { appliance: Appliance; others: readonly Appliance[]; act: Act }) {
  if (others.length === 0) return null;
  return (
    <label>
      {t('quality.loads.merge')}{' '}
      <select
        value=""
        onChange={({ currentTarget }) =>
          void act('merge-appliances', { into: appliance.id, from: currentTarget.value })
        }
      >
        <option value="">–</option>
        {others.map((other) => (
          <option key={other.id} value={other.id}>
            {labelOf(other)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Item({ appliance, others, act }: { appliance: Appliance; others: readonly Appliance[]; act: Act }) {
  const { id, isOn, power, energy, runs, confidence } = appliance;
  return (
    <li>
      <details>
        <summary>
          {labelOf(appliance)}{' '}
          <span class={`badge ${isOn ? 'good' : ''}`}>{t(isOn ? 'quality.loads.on' : 'quality.loads.off')}</span>{' '}
          {isOn && `${quantityText(power, 'W', language.value)} `}
          <span class="muted">{quantityText(energy, 'Wh', language.value)}</span>
          {confidence < SURE && <span class="badge warn">{t('quality.loads.guess')}</span>}
        </summary>
        <p class="muted">{t('quality.loads.runs', { runs, percent: Math.round(confidence * 100) })}</p>
        <Name appliance={appliance} act={act} />
        <div class="act">
          <Merge appliance={appliance} others={others} act={act} />
          <button type="button" onClick={() => void act('forget-appliance', { id })}>
            {t('quality.loads.forget')}
          </button>
        </div>
      </details>
    </li>
  );
}

function Known({ loads: { at, wait, appliances }, act }: { loads: Loads; act: Act }) {
  return (
    <>
      <p class="muted">{t('quality.loads.since', { when: at === null ? '' : clockText(at) })}</p>
      {wait !== null && <p class="note warn">{wait}</p>}
      {wait === null && appliances.length === 0 && <p class="muted">{t('quality.loads.none')}</p>}
      <ul class="items">
        {appliances.map((appliance) => (
          <Item
            key={appliance.id}
            appliance={appliance}
            others={appliances.filter(({ id }) => id !== appliance.id)}
            act={act}
          />
        ))}
      </ul>
      <p>
        <button type="button" onClick={() => void act('loads-consent', { consent: 'withdrawn' })}>
          {t('quality.loads.withdraw')}
        </button>{' '}
        <span class="muted">{t('quality.loads.withdrawn')}</span>
      </p>
    </>
  );
}

/** Which appliances run, where the resident wants that; else what it means to want it, and the button that does. */
export function LoadsCard({ instance }: { instance: string | undefined }) {
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const asked = useCall<Loads>({ instance, name: 'appliances', renew: RENEW });
  const { answer, again } = asked;
  const act: Act = async (name, args) => {
    try {
      await post(`extensions/${encodeURIComponent(instance ?? '')}/calls/${name}`, args);
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
    again();
  };
  return (
    <Card title={t('quality.loads')} class="loads">
      <Told instance={instance} name="appliances" asked={asked}>
        {answer?.recognition === 'off' && (
          <>
            <p>{t('quality.loads.ask')}</p>
            <button type="button" onClick={() => void act('loads-consent', { consent: 'given' })}>
              {t('quality.loads.give')}
            </button>
          </>
        )}
        {answer?.recognition === 'on' && <Known loads={answer} act={act} />}
      </Told>
      <ProblemNote problem={problem} />
    </Card>
  );
}
