const PHASES = ['l1', 'l2', 'l3'] as const;

function meterWays(): [string, (readonly string[])[]][] {
  const found: [string, (readonly string[])[]][] = [
    [
      'power/active',
      [
        ['power/active/import', 'power/active/export'],
        PHASES.map((phase) => `power/active/${phase}`),
        ['energy/active/import', 'energy/active/export'],
        ['power/apparent', 'power/factor'],
        // a load, and any connection while it draws, has no other side
        ['power/active/import'],
        ['energy/active/import'],
        ['energy/session'],
      ],
    ],
    ['energy/session', [['power/active'], ['energy/active/import']]],
    ['peak/quarter', [['power/active/import'], ['power/active'], ['energy/active/import']]],
    ['power', [['energy/produced'], ['energy/charged', 'energy/discharged']]],
    ['energy/produced', [['power']]],
    ['energy/charged', [['power']]],
    ['energy/discharged', [['power']]],
  ];
  for (const way of ['import', 'export'] as const) {
    const tariffs = ['t1', 't2'].map((tariff) => `energy/active/${way}/${tariff}`);
    found.push(
      [
        `power/active/${way}`,
        [
          ['power/active'],
          [`energy/active/${way}`],
          tariffs,
          PHASES.map((phase) => `power/active/${phase}`),
          ...(way === 'import' ? [['peak/quarter']] : []),
        ],
      ],
      [
        `energy/active/${way}`,
        [tariffs, [`power/active/${way}`], ['power/active'], ...(way === 'import' ? [['energy/session']] : [])],
      ],
    );
  }
  for (const phase of PHASES) {
    const others = PHASES.filter((other) => other !== phase).map((other) => `power/active/${other}`);
    found.push(
      [
        `power/active/${phase}`,
        [
          ['power/active', ...others],
          [`power/active/import/${phase}`, `power/active/export/${phase}`],
          [`voltage/${phase}`, `current/${phase}`],
          [`power/apparent/${phase}`, `power/factor/${phase}`],
          [`power/active/import/${phase}`],
        ],
      ],
      [`power/active/import/${phase}`, [[`power/active/${phase}`], [`voltage/${phase}`, `current/${phase}`]]],
      [`power/active/export/${phase}`, [[`power/active/${phase}`]]],
      [`current/${phase}`, [[`voltage/${phase}`, `power/apparent/${phase}`]]],
    );
  }
  return found;
}

/** Which points of a device (names of contracts §3) follow, exactly or nearly, from which others together. */
export const WAYS: readonly (readonly [quantity: string, ways: readonly (readonly string[])[]])[] = meterWays();
