import { Card } from '../../parts/card.js';
import { t } from '../../i18n/index.js';
import { balance } from '../../state/house.js';
import { FlowDrawing } from './flow-drawing.js';
import { flowSentence, formText } from './flow-words.js';

/** Where power comes from and where it goes, as a picture and as a sentence that says the same. */
export function FlowCard() {
  const { value } = balance;
  if (value.flows.length === 0)
    return (
      <Card title={t('flow.title')} class="flow">
        <p class="empty">
          {t('flow.empty')}
          <br />
          <span class="muted">{t('flow.empty.help')}</span>
        </p>
      </Card>
    );
  const form = formText(value);
  return (
    <Card title={t('flow.title')} class="flow" aside={form !== undefined && <span class="muted">{form}</span>}>
      <FlowDrawing balance={value} />
      <p class="sentence">{flowSentence(value)}</p>
    </Card>
  );
}
