import type { FieldDefinition, ModelDefinition } from '@smx-edge/protocols/sunspec';

type Values = Readonly<Record<string, number | string | null>>;

/** What a device would like to show, as powers of ten; it takes a coarser one where a value does not fit. */
const FINEST: Readonly<Record<string, number>> = {
  ...{ A_SF: -3, V_SF: -1, W_SF: -1, Hz_SF: -2, VA_SF: -1, VAr_SF: -1, VAR_SF: -1, PF_SF: -1, WH_SF: -3, Tmp_SF: -1 },
  ...{ DCA_SF: -3, DCV_SF: -1, DCW_SF: -1, DCWH_SF: -3, TotWh_SF: -3, TotVAh_SF: -3 },
  ...{ WRtg_SF: 1, VARtg_SF: 1, VArRtg_SF: 1, ARtg_SF: -2, PFRtg_SF: -3 },
  ...{ WMax_SF: 1, VAMax_SF: 1, VArMax_SF: 1, PFMin_SF: -3 },
  ...{ WMaxLimPct_SF: -2, OutPFSet_SF: -3, MinRsvPct_SF: -2, ChaState_SF: -2, InOutWRte_SF: -2 },
};
/** Those that real devices move at run time, against the specification (Fronius Modbus TCP & RTU, auto-scaled factors). */
const MOVING = /^(A|W|VA|VAr|VAR|WH|DCA|DCV|DCW|DCWH|TotWh|TotVAh|Ris)_SF$/;
const MOST: Readonly<Record<string, number>> = { int16: 0x7fff, uint16: 0xfffe, acc32: 0xffffffff };
const COARSEST = 10;

/** Values with scale factors that all of them fit; those that move are `coarser` by so many powers of ten. */
export function autoScaled(
  definition: ModelDefinition,
  { values, blocks }: { readonly values: Values; readonly blocks: readonly Values[] },
  coarser: number,
): Values {
  const scaled: Record<string, number | string | null> = { ...values };
  for (const { name, type } of definition.fields) {
    if (type !== 'sunssf' || name in values) continue;
    const needed = [
      ...of(definition.fields, values, name),
      ...blocks.flatMap((block) => of(definition.block?.fields ?? [], block, name)),
    ];
    scaled[name] = needed.length === 0 ? null : exponentFor(name, needed) + (MOVING.test(name) ? coarser : 0);
  }
  return scaled;
}

/** The numbers that take this scale factor, each as its share of what its type can hold. */
function of(fields: readonly FieldDefinition[], values: Values, name: string): number[] {
  return fields.flatMap((field) => {
    const value = values[field.name];
    return field.scale === name && typeof value === 'number' ? [Math.abs(value) / (MOST[field.type] ?? 1)] : [];
  });
}

function exponentFor(name: string, shares: readonly number[]): number {
  const largest = Math.max(...shares);
  let exponent = FINEST[name] ?? 0;
  while (exponent < COARSEST && largest > 10 ** exponent) exponent++;
  return exponent;
}
