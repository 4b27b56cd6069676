import type { ComponentChildren } from 'preact';
import type { Command, Point } from '../../api/answers.js';
import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { clockText, Value } from '../../parts/value.js';
import { CommandRow } from '../control/command-row.js';
import { queueOf } from '../control/open-commands.js';
import { backEndWords, isShort, limitWords } from './limit-words.js';
import type { ConnectionTelling, OutletTelling, SessionTelling, StationTelling } from './stations.js';

/** Shown of an outlet where it is granted, in this order. */
const SHOWN = ['power/active', 'current/offered', 'energy/session', 'soc', 'energy/active/import'] as const;
const SETPOINTS = ['current/limit', 'power/limit'] as const;

function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface ConnectionProps {
  readonly at: ConnectionTelling;
  /** Its other end, and what is spoken. */
  readonly where: readonly (string | null)[];
  readonly children?: ComponentChildren;
}

function Connection({ at: { connected, since }, where, children }: ConnectionProps) {
  const words = since === null ? 'charging.never' : connected ? 'charging.connected' : 'charging.away';
  return (
    <>
      <span class={`badge ${connected ? 'good' : 'bad'}`}>{t(connected ? 'devices.online' : 'devices.offline')}</span>{' '}
      <span class="muted">
        {[t(words, { time: since === null ? '' : clockText(since) }), ...where]
          .filter((text) => text !== null)
          .join(', ')}
      </span>{' '}
      {children}
    </>
  );
}

function Links({ station: { station, subprotocol, link, backEnd } }: { station: StationTelling }) {
  return (
    <dl class="facts">
      <Fact term={t('charging.link', { station })}>
        <Connection at={link} where={[link.address, subprotocol]} />
      </Fact>
      <Fact term={t('charging.backEnd')}>
        <Connection at={backEnd} where={[backEnd.host]}>
          {backEnd.reason !== null && <span class="why">{backEnd.reason}</span>}
        </Connection>
      </Fact>
    </dl>
  );
}

function sessionText({ startedAt, idTag }: SessionTelling): string {
  const parts = [
    startedAt === null ? undefined : t('devices.since', { time: clockText(startedAt) }),
    idTag === null ? undefined : t('charging.tag', { tag: idTag }),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

const termOf = (quantity: (typeof SHOWN)[number], told: OutletTelling | undefined): string =>
  quantity === 'energy/session' && told?.session === null
    ? t('charging.session.last')
    : t(`charging.point.${quantity}`);

interface OutletProps {
  readonly name: string;
  /** Those of the device. */
  readonly points: readonly Point[];
  /** Undefined where this role is not told. */
  readonly told: { readonly station: StationTelling; readonly outlet: OutletTelling } | undefined;
  /** Commands that hold or wait. */
  readonly open: readonly Command[];
  readonly onDone: () => void;
}

/** One outlet: what it does, its two links, its session, and who limits it and why. */
export function OutletCard({ name, points, told, open, onDone }: OutletProps) {
  const pointOf = (quantity: string): Point | undefined => points.find(({ path }) => path === `${name}/${quantity}`);
  const status = pointOf('status');
  const shown = SHOWN.map(pointOf).filter((point) => point !== undefined);
  const setpoints = SETPOINTS.map(pointOf).filter((point) => point !== undefined);
  const limit = told?.outlet.limit ?? undefined;
  const theirs = (told?.station.limits.backEnd ?? []).filter(({ outlet }) => !outlet || outlet === told?.outlet.outlet);
  const commands = setpoints.flatMap((point) => {
    const { holder, limits } = queueOf(open.filter((command) => command.point === point.path));
    return [...(holder === undefined ? [] : [holder]), ...limits].map((command) => ({ command, unit: point.unit }));
  });
  return (
    <Card
      title={name}
      class="outlet"
      aside={status !== undefined && <Value path={status.path} unit={null} type="string" wordy />}
    >
      <dl class="facts">
        {shown.map(({ path, unit, type }) => (
          <Fact key={path} term={termOf(path.slice(name.length + 1) as (typeof SHOWN)[number], told?.outlet)}>
            <Value path={path} unit={unit} type={type} />
          </Fact>
        ))}
        {told !== undefined && (
          <Fact term={t('charging.session')}>
            {told.outlet.session === null ? t('charging.session.none') : sessionText(told.outlet.session)}
          </Fact>
        )}
      </dl>
      {told !== undefined && <Links station={told.station} />}
      <h3>{t('charging.limit')}</h3>
      {limit !== undefined && <p class={isShort(limit) ? 'note warn' : ''}>{limitWords(limit)}</p>}
      {limit?.isExceeded === true && <p class="note warn">{t('charging.limit.exceeded')}</p>}
      {commands.length === 0 && (limit === undefined || limit.state !== 'idle') && <p>{t('charging.limit.nobody')}</p>}
      <ul class="items">
        {commands.map(({ command, unit }) => (
          <CommandRow key={`${command.principal} ${command.id}`} command={command} unit={unit} onDone={onDone} />
        ))}
      </ul>
      {theirs.map((one) => (
        <p key={`${one.purpose} ${one.outlet ?? 0} ${one.stackLevel ?? ''}`}>{backEndWords(one)}</p>
      ))}
    </Card>
  );
}
