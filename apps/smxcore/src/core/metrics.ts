import type { Disposable, LiveSource } from '@smx-edge/model';
import type { InstanceAnswer } from '../http/answers.js';
import type { PartState } from '../http/doors.js';
import { VERSION } from '../version.js';
import { counter, gauge, type Rows } from './metric-family.js';
import { northboundMetrics, type NorthboundSources } from './northbound-metrics.js';

export interface MetricsSources extends NorthboundSources {
  readonly live: LiveSource;
  readonly store: () => PartState;
  /** MQTT clients at the local broker; undefined where it is off. */
  readonly clients: () => number | undefined;
  readonly sessions: () => number;
  readonly forms: () => number;
  readonly instances: () => readonly InstanceAnswer[];
  /** Problem answers of the API by code. */
  readonly problems: ReadonlyMap<string, number>;
}

/** The box in numbers, in the text format of Prometheus (version 0.0.4). */
export class Metrics {
  private samples = 0;
  private batches = 0;
  private readonly counting: Disposable;

  constructor(private readonly sources: MetricsSources) {
    this.counting = sources.live.subscribe((batch) => {
      this.samples += batch.n;
      this.batches++;
    });
  }

  text(): string {
    const { live, store, clients, sessions, forms, instances, problems } = this.sources;
    const all = instances();
    const memory = process.memoryUsage();
    const cpu = process.cpuUsage();
    const count = clients();
    const one = (value: number): Rows => [[{}, value]];
    const each = (value: (instance: InstanceAnswer) => number | undefined): Rows =>
      all.flatMap((instance) => {
        const found = value(instance);
        return found === undefined ? [] : [[{ instance: instance.id }, found] as const];
      });
    return [
      gauge('smx_info', 'Version of the software', [[{ version: VERSION }, 1]]),
      gauge('smx_points', 'Points in the live table', one([...live.points()].length)),
      counter('smx_samples_total', 'Samples taken in since the start', one(this.samples)),
      counter('smx_batches_total', 'Batches of samples taken in since the start', one(this.batches)),
      gauge('smx_windows', 'Windowed, delayed or rate-limited readings kept', one(forms())),
      gauge('smx_store_up', '1 where the store takes writes', one(store().ok ? 1 : 0)),
      gauge('smx_mqtt_clients', 'Clients at the local broker', count === undefined ? [] : one(count)),
      ...northboundMetrics(this.sources),
      gauge('smx_http_sessions', 'Users logged in at the page', one(sessions())),
      counter(
        'smx_http_problems_total',
        'Answers of the HTTP API that were problems',
        [...problems].map(([code, value]) => [{ code }, value]),
      ),
      gauge(
        'smx_instance_state',
        'State of each instance, 1 at the one it is in',
        all.map(({ id, state }) => [{ instance: id, state }, 1]),
      ),
      counter(
        'smx_instance_restarts_total',
        'Restarts of each instance',
        each(({ restarts }) => restarts),
      ),
      gauge(
        'smx_instance_memory_bytes',
        'Memory of each instance',
        each(({ memory: bytes }) => bytes),
      ),
      counter(
        'smx_instance_samples_total',
        'Samples of each instance',
        each((i) => i.counters.samples),
      ),
      counter(
        'smx_instance_rejected_total',
        'Samples refused',
        each((i) => i.counters.rejected),
      ),
      counter(
        'smx_instance_throttled_total',
        'Samples let fall over the rate',
        each((i) => i.counters.throttled),
      ),
      gauge('process_resident_memory_bytes', 'Resident memory of the core', one(memory.rss)),
      gauge('nodejs_heap_used_bytes', 'Heap in use', one(memory.heapUsed)),
      counter('process_cpu_seconds_total', 'CPU time of the core', one((cpu.user + cpu.system) / 1e6)),
      gauge('process_uptime_seconds', 'Time since the start', one(process.uptime())),
    ].join('');
  }

  close(): void {
    this.counting.dispose();
  }
}
