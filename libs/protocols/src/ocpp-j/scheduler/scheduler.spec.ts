import { peekFrame } from '../frame/peek.js';
import { Scheduler } from './scheduler.js';
import type { Step } from './step.js';

const call = (id: string): string => `[2,"${id}","Reset",{}]`;
const result = (id: string): string => `[3,"${id}",{}]`;
const error = (id: string): string => `[4,"${id}","GenericError","",{}]`;

/** One charge point whose steps are noted. */
class Rig {
  readonly scheduler = new Scheduler<string>();
  now = 0;
  back = (frame: string): Step<string> => this.scheduler.fromBackEnd(frame, peekFrame(frame), this.now);
  point = (frame: string): Step<string> => this.scheduler.fromChargePoint(frame, peekFrame(frame), this.now);
  inject = (
    id: string,
    times: { startWithin?: number; answerWithin?: number; goesFirst?: boolean } = {},
  ): Step<string> => this.scheduler.inject({ id, frame: call(id), ...times }, this.now);
  at(now: number): Step<string> {
    this.now = now;
    return this.scheduler.elapsed(now);
  }
}

describe('the turns at a charge point', () => {
  let rig: Rig;
  beforeEach(() => (rig = new Rig()));

  it('pass what comes where nothing is injected', () => {
    for (const frame of [call('1'), call('1'), result('2'), error('2'), '', '[7,"x"]', '[6,"s","A",{}]', '{broken'])
      expect(rig.back(frame)).toEqual({ toChargePoint: [frame], toBackEnd: [], ended: [], wakeAt: undefined });
    for (const frame of [call('9'), result('1'), error('77'), '[5,"9","x","",{}]', '', 'garbage'])
      expect(rig.point(frame)).toEqual({ toChargePoint: [], toBackEnd: [frame], ended: [], wakeAt: undefined });
  });

  it('hold CALLs of the back end while one is injected, let all else pass, and then send them in order', () => {
    expect(rig.inject('smx-a')).toMatchObject({ toChargePoint: [call('smx-a')], wakeAt: 10_000 });
    expect(rig.back(call('1')).toChargePoint).toEqual([]);
    expect(rig.back(result('x')).toChargePoint).toEqual([result('x')]);
    expect(rig.back(call('2')).toChargePoint).toEqual([]);
    expect(rig.point(call('p')).toBackEnd).toEqual([call('p')]);
    expect(rig.point(result('smx-a'))).toEqual({
      toChargePoint: [call('1'), call('2')],
      toBackEnd: [],
      ended: [{ id: 'smx-a', status: 'answered', frame: result('smx-a'), head: { kind: 'result', id: 'smx-a' } }],
      wakeAt: undefined,
    });
    expect(rig.point(result('1')).toBackEnd).toEqual([result('1')]);
  });

  it('give an injected CALL up rather than hold more bytes than 4 MiB', () => {
    const scheduler = new Scheduler<number>({}, (bytes) => bytes);
    const MIB = 1024 * 1024;
    scheduler.inject({ id: 'smx-a', frame: 1 }, 0);
    for (let i = 0; i < 4; i++)
      expect(scheduler.fromBackEnd(MIB, { kind: 'call', id: `${i}` }, 0).toChargePoint).toEqual([]);
    expect(scheduler.fromBackEnd(7, { kind: 'call', id: '4' }, 0)).toMatchObject({
      toChargePoint: [MIB, MIB, MIB, MIB, 7],
      ended: [{ id: 'smx-a', status: 'timeout', wasSent: true }],
    });
  });

  it('inject once each CALL of the back end is answered', () => {
    rig.back(call('1'));
    rig.back(call('2'));
    expect(rig.inject('smx-a')).toMatchObject({ toChargePoint: [], wakeAt: 30_000 });
    expect(rig.point(result('2')).toChargePoint).toEqual([]);
    expect(rig.point(error('1'))).toMatchObject({ toBackEnd: [error('1')], toChargePoint: [call('smx-a')] });
  });

  it('go first to what is to go first, in its order', () => {
    rig.inject('open');
    for (const id of ['a', 'b']) rig.inject(id);
    for (const id of ['x', 'y']) rig.inject(id, { goesFirst: true });
    const order = ['open', 'x', 'y', 'a', 'b'];
    for (const [i, id] of order.slice(0, -1).entries()) expect(rig.point(result(id)).toChargePoint).toEqual([call(order[i + 1]!)]); // prettier-ignore
  });

  it('inject once a CALL of the back end is so old that it was given up', () => {
    rig.back(call('1'));
    rig.now = 5_000;
    expect(rig.inject('smx-a').wakeAt).toBe(30_000);
    expect(rig.at(29_999).toChargePoint).toEqual([]);
    expect(rig.at(30_000).toChargePoint).toEqual([call('smx-a')]);
    expect(rig.point(result('1')).toBackEnd).toEqual([result('1')]);
  });

  it('inject one after the other', () => {
    rig.inject('smx-a');
    expect(rig.inject('smx-b').toChargePoint).toEqual([]);
    expect(rig.point(result('smx-a')).toChargePoint).toEqual([call('smx-b')]);
  });

  it('give a held CALL the turn before the next injection', () => {
    rig.inject('smx-a');
    rig.inject('smx-b');
    rig.back(call('1'));
    expect(rig.point(result('smx-a')).toChargePoint).toEqual([call('1')]);
    expect(rig.point(result('1')).toChargePoint).toEqual([call('smx-b')]);
  });

  it('end an injection without an answer, and drop what comes of it later or twice', () => {
    rig.inject('smx-a');
    rig.back(call('1'));
    expect(rig.at(9_999)).toMatchObject({ ended: [], toChargePoint: [] });
    expect(rig.at(10_000)).toMatchObject({ ended: [{ id: 'smx-a', status: 'timeout', wasSent: true }], toChargePoint: [call('1')] }); // prettier-ignore
    for (const late of [result('smx-a'), error('smx-a'), '[5,"smx-a","x","",{}]'])
      expect(rig.point(late)).toMatchObject({ toBackEnd: [], ended: [] });
    rig.point(result('1'));
    rig.inject('smx-b');
    rig.point(result('smx-b'));
    expect(rig.point(result('smx-b')).toBackEnd).toEqual([]);
  });

  it('take an answer that comes with the end of its time', () => {
    rig.inject('smx-a');
    rig.now = 10_000;
    expect(rig.point(result('smx-a')).ended).toMatchObject([{ status: 'answered' }]);
  });

  it('end what waits too long unsent', () => {
    rig.back(call('1'));
    rig.inject('smx-a', { startWithin: 100 });
    expect(rig.at(100)).toMatchObject({ ended: [{ id: 'smx-a', status: 'timeout', wasSent: false }], wakeAt: undefined }); // prettier-ignore
    expect(rig.point(result('1')).toChargePoint).toEqual([]);
  });

  it('give the answer to a back end that uses the id of a past injection', () => {
    rig.inject('smx-a');
    rig.back(call('smx-a'));
    expect(rig.point(result('smx-a'))).toMatchObject({ toBackEnd: [], toChargePoint: [call('smx-a')] });
    expect(rig.point(result('smx-a')).toBackEnd).toEqual([result('smx-a')]);
  });

  it('take an error for an unreadable id for the injection where it can be about nothing else', () => {
    rig.inject('smx-a');
    expect(rig.point(error('-1'))).toMatchObject({ toBackEnd: [], ended: [{ id: 'smx-a', status: 'answered' }] });
    rig.inject('smx-b');
    rig.back('{broken');
    expect(rig.point(error('-1'))).toMatchObject({ toBackEnd: [error('-1')], ended: [] });
  });

  it('give an injection up before the back end could lose a CALL', () => {
    rig.inject('smx-a');
    const calls = Array.from({ length: 257 }, (_, i) => call(String(i)));
    const steps = calls.map(rig.back);
    expect(steps.slice(0, 256).flatMap(({ toChargePoint }) => toChargePoint)).toEqual([]);
    expect(steps[256]).toMatchObject({ toChargePoint: calls, ended: [{ status: 'timeout', wasSent: true }] });
  });

  it('let no more than 64 wait', () => {
    rig.back(call('1'));
    for (let i = 0; i < 64; i++) rig.inject(`smx-${i}`);
    expect(rig.inject('smx-x').ended).toEqual([{ id: 'smx-x', status: 'busy', wasSent: false }]);
  });

  it('forget with the back end what was held, and give a later one no answer to its CALLs', () => {
    rig.back(call('1'));
    rig.inject('smx-a');
    expect(rig.scheduler.backEndGone(rig.now)).toMatchObject({ toChargePoint: [], toBackEnd: [] });
    expect(rig.point(result('1'))).toMatchObject({ toBackEnd: [], toChargePoint: [call('smx-a')] });
    rig.back(call('2'));
    rig.scheduler.backEndGone(rig.now);
    expect(rig.point(result('smx-a')).toChargePoint).toEqual([]);
    rig.back(call('3'));
    rig.scheduler.backEndGone(rig.now);
    rig.at(60_000);
    expect(rig.point(result('3')).toBackEnd).toEqual([]);
  });

  it('end all with the charge point', () => {
    rig.inject('smx-a');
    rig.inject('smx-b');
    expect(rig.scheduler.chargePointGone().ended).toEqual([
      { id: 'smx-a', status: 'absent', wasSent: true },
      { id: 'smx-b', status: 'absent', wasSent: false },
    ]);
    expect(rig.scheduler.chargePointGone().ended).toEqual([]);
  });
});
