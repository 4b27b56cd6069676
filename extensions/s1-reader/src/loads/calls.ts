import type { CallDefinition } from '@smx-edge/extension-api';
import type { Appliance, LoadRecognition } from '@smx-edge/protocols/load-events';
import type { S1Config } from '../settings.js';
import type { Recognition } from './recognition.js';

const ID = { type: 'string', pattern: '^[a-z0-9-]{1,20}$' } as const;
/** What a person reads: no control characters. */
const NAME = {
  type: ['string', 'null'],
  minLength: 1,
  maxLength: 60,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
} as const;

function objectOf(properties: Readonly<Record<string, object>>): CallDefinition['args'] {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

interface LoadsAnswer {
  readonly recognition: 'on' | 'off';
  /** When the resident decided so, ms UTC; null where nobody did. */
  readonly at: number | null;
  /** Why it is on and sees nothing, where that is so. */
  readonly wait: string | null;
  readonly appliances: readonly Appliance[];
}

function answerOf(loads: Recognition): LoadsAnswer {
  const { isOn, at } = loads.decision;
  if (!isOn) return { recognition: 'off', at, wait: null, appliances: [] };
  return { recognition: 'on', at, wait: loads.wait, appliances: loads.appliances.map(plain) };
}

/** As people read it: figures without digits that mean nothing. */
function plain({
  id,
  name,
  phases,
  power,
  reactive,
  isOn,
  drawn,
  since,
  energy,
  runs,
  confidence,
  lastSeen,
}: Appliance): Appliance {
  const [watts, vars] = [Math.round(power), Math.round(reactive)];
  const shown = {
    energy: Math.round(energy),
    confidence: Math.round(confidence * 100) / 100,
    drawn: Math.round(drawn),
  };
  return { id, name, phases, power: watts, reactive: vars, isOn, since, runs, lastSeen, ...shown };
}

async function change(loads: Recognition, fn: (known: LoadRecognition) => void): Promise<LoadsAnswer> {
  await loads.change(fn);
  return answerOf(loads);
}

/** Calls about appliances. Each tells or decides something of the resident, so no wildcard gives it. */
export function loadCalls(loadsOf: (smx: object) => Recognition): Readonly<Record<string, CallDefinition<S1Config>>> {
  const personal = true;
  return {
    /** Gives or withdraws the resident's consent, which stands in the ledger as `loads-consent/given` or `…/withdrawn`. */
    'loads-consent': {
      args: objectOf({ consent: { enum: ['given', 'withdrawn'] } }),
      ...{ detail: 'consent', plain: ['given', 'withdrawn'], personal },
      run: async (args, smx) => {
        const loads = loadsOf(smx);
        await loads.decide((args as { consent: string }).consent === 'given');
        return answerOf(loads);
      },
    },
    /** Whether appliances are recognised, since when (ms UTC), and those that are known. */
    appliances: { args: objectOf({}), personal, run: (_args, smx) => answerOf(loadsOf(smx)) },
    'name-appliance': {
      args: objectOf({ id: ID, name: NAME }),
      personal,
      run: (args, smx) => {
        const { id, name } = args as { id: string; name: string | null };
        return change(loadsOf(smx), (known) => known.name(id, name));
      },
    },
    /** It is new when it runs again. */
    'forget-appliance': {
      args: objectOf({ id: ID }),
      personal,
      run: (args, smx) => change(loadsOf(smx), (known) => known.forget((args as { id: string }).id)),
    },
    /** Two that are one: `from` goes into `into`, whose name stays. */
    'merge-appliances': {
      args: objectOf({ into: ID, from: ID }),
      personal,
      run: (args, smx) => {
        const { into, from } = args as { into: string; from: string };
        return change(loadsOf(smx), (known) => known.merge(into, from));
      },
    },
  };
}
