const ROUND_MS = 200;

/** ms of processor time that this process has used: what a figure costs, whatever else the machine does. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs `pass` over and over and gives passes per second of one core. */
export function cpuRate(pass: () => void): number {
  const start = cpuMs();
  let [done, elapsed] = [0, 0];
  do {
    for (let i = 0; i < 200; i++) pass();
    done += 200;
    elapsed = cpuMs() - start;
  } while (elapsed < ROUND_MS);
  return (done * 1000) / elapsed;
}
