import { useState } from 'preact/hooks';
import { useCall } from '../../api/use-call.js';
import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { Choice } from '../../parts/choice.js';
import { distortionOf, ordersAbove, percentOf, type Orders, type Spectrum } from '../../quality/spectrum.js';
import { channelName, colourOf } from './channels.js';
import { SpectrumDrawing } from './spectrum-drawing.js';
import { Told } from './told.js';
import { inUnit, percentText } from './words.js';

const RENEW = 3000;

/** Fundamental, distortion, and of a voltage the orders that are above their limit. */
function figures(orders: Orders, limits: Orders, unit: 'V' | 'A'): string {
  const distortion = distortionOf(orders);
  const above = unit === 'V' ? ordersAbove(percentOf(orders), limits) : [];
  return [
    t('quality.fundamental', { value: inUnit(orders[1] ?? undefined, unit) }),
    t('quality.thd', { value: distortion === undefined ? '–' : percentText(distortion) }),
    ...(above.length === 0 ? [] : [t('quality.above', { orders: above.join(', ') })]),
  ].join(', ');
}

function Table({ rows, text }: { rows: readonly (readonly [string, Orders])[]; text: (value: number) => string }) {
  const [, first = []] = rows[0] ?? [];
  return (
    <details>
      <summary>{t('quality.spectrum.table')}</summary>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('quality.order')}</th>
              {rows.map(([name]) => (
                <th key={name} scope="col">
                  {channelName(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.map((_, order) => (
              <tr key={order}>
                <th scope="row">{order}</th>
                {rows.map(([name, values]) => {
                  const value = values[order] ?? null;
                  return <td key={name}>{value === null ? '–' : text(value)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Picture({ spectrum, of }: { spectrum: Spectrum; of: 'voltage' | 'current' }) {
  const { orders, limits } = spectrum;
  const isVoltage = of === 'voltage';
  const measured = Object.entries(spectrum[of]);
  const rows = measured.map(([name, values]) => [name, isVoltage ? percentOf(values) : values] as const);
  const words = measured.map(([name, values]) => [name, figures(values, limits, isVoltage ? 'V' : 'A')] as const);
  return (
    <>
      <SpectrumDrawing
        label={`${t('quality.spectrum')}. ${words.map(([name, text]) => `${channelName(name)}: ${text}`).join('; ')}`}
        channels={Object.fromEntries(rows)}
        limits={isVoltage ? limits : []}
        orders={orders}
        unit={isVoltage ? '%' : 'A'}
      />
      <ul class="legend">
        {words.map(([name, text]) => (
          <li key={name} data-channel={name}>
            <span class={`swatch c-${colourOf(name)}`} aria-hidden="true" />
            {channelName(name)} <span class="muted">{text}</span>
          </li>
        ))}
        {isVoltage && (
          <li>
            <span class="swatch c-warn" aria-hidden="true" /> <span class="muted">{t('quality.limit')}</span>
          </li>
        )}
      </ul>
      <p class="muted">{t(isVoltage ? 'quality.spectrum.voltage' : 'quality.spectrum.current', { orders })}</p>
      <Table rows={rows} text={isVoltage ? (value) => percentText(value, 2) : (value) => inUnit(value, 'A')} />
    </>
  );
}

/** Harmonics of voltages and currents as far as the samples carry them. */
export function SpectrumCard({ instance }: { instance: string | undefined }) {
  const [of, choose] = useState<'voltage' | 'current'>('voltage');
  const asked = useCall<Spectrum>({ instance, name: 'spectrum', renew: RENEW });
  return (
    <Card
      title={t('quality.spectrum')}
      class="spectrum"
      aside={
        <Choice
          label={t('quality.spectrum.of')}
          value={of}
          options={[
            ['voltage', t('quality.voltages')],
            ['current', t('quality.currents')],
          ]}
          onChoose={choose}
        />
      }
    >
      <Told instance={instance} name="spectrum" asked={asked}>
        {asked.answer !== undefined && <Picture spectrum={asked.answer} of={of} />}
      </Told>
    </Card>
  );
}
