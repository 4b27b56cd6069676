type Labels = Readonly<Record<string, string>>;
export type Rows = readonly (readonly [labels: Labels, value: number])[];

/** What may rise and fall. */
export const gauge = (name: string, help: string, rows: Rows): string =>
  family(`# TYPE ${name} gauge`, help, { name, rows });

/** What only rises, from 0 at the start of the core unless its help says otherwise. */
export const counter = (name: string, help: string, rows: Rows): string =>
  family(`# TYPE ${name} counter`, help, { name, rows });

function family(type: string, help: string, { name, rows }: { name: string; rows: Rows }): string {
  const lines = rows.map(([labels, value]) => {
    const inside = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${inside.length === 0 ? '' : `{${inside.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n${type}\n${lines.join('')}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
