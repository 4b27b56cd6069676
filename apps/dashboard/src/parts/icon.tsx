/** Strokes on a field of 24 × 24. */
const PATHS = {
  grid: 'M12 2 7 22M12 2l5 20M5 8h14M6 13h12M8.2 17 15 13M15.8 17 9 13',
  house: 'M3 11.5 12 4l9 7.5M5.5 9.8V20h13V9.8M10 20v-6h4v6',
  pv: 'M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8',
  battery: 'M4 7h14v10H4zM18 10h2.5v4H18M11.5 8.5 8.5 12.4h4l-2.5 3.6',
  car: 'M3 16.5v-4l2.2-5h11.6l2.8 4.6 1.4 1v3.4zM3 12h16M7.5 16.5a1.8 1.8 0 1 0 .1 0M16.8 16.5a1.8 1.8 0 1 0 .1 0',
  load: 'M9 2.5V8M15 2.5V8M6 8h12v3.5a6 6 0 0 1-12 0zM12 17.5v4',
  now: 'M13 2.5 5.5 13.5H11L10 21.5l8-11.5h-5.6z',
  charts: 'M3.5 3.5v17h17M7 15.5l4-5 3.5 3 5-7',
  devices: 'M5 5h14v14H5zM9.5 9.5h5v5h-5zM9 2v3M15 2v3M9 19v3M15 19v3M2 9h3M2 15h3M19 9h3M19 15h3',
  control: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 12l4-4.5M7 16.5h10',
  charging: 'M5 20.5V4h8v16.5M3.5 20.5h11M13 12h2.5v5a1.7 1.7 0 0 0 3.4 0V9L16 6M9.8 6.5 7.5 11h3l-1.5 4',
  quality: 'M2.5 12C5.5 2 8.5 2 12 12s6.5 10 9.5 0M2.5 12h19',
  system: 'M4 6.5h10M18 6.5h2M4 12h3M11 12h9M4 17.5h8M16 17.5h4M16 4.5v4M9 10v4M14 15.5v4',
  access: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6',
  ledger: 'M6 3h12.5v18H6a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2M8.5 8h6.5M8.5 12h6.5M8.5 16h4',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2',
  out: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H9.5',
  warn: 'M12 3.5 22 20.5H2zM12 10v4.5M12 17.3v.4',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a text that says the same. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The same within another drawing, its centre at (x, y). */
export function IconAt({ name, x, y }: { name: IconName; x: number; y: number }) {
  return <path class="icon" d={PATHS[name]} transform={`translate(${x - 13} ${y - 13}) scale(1.083)`} />;
}
