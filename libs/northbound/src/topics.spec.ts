import fc from 'fast-check';
import { filterMatches } from '@smx-edge/model';
import { filtersMeet, isReservedTopic, Tree } from './topics.js';

describe('topics of a party', () => {
  const tree = new Tree('site-1', 'esco');

  it('knows its down topics and no other', () => {
    expect(tree.down('smx/1/site-1/esco/cmd')).toEqual({ kind: 'cmd' });
    expect(tree.down('smx/1/site-1/esco/ack/inst')).toEqual({ kind: 'ack', stream: 'inst' });
    for (const topic of [
      'smx/1/site-1/esco/ack',
      'smx/1/site-1/esco/ack/inst/x',
      'smx/1/site-1/esco/ack/',
      'smx/1/site-1/esco/cmd/x',
      'smx/1/site-1/esco/now',
      'smx/1/site-1/esco/',
      'smx/1/site-1/esco',
      'smx/1/site-1/esco2/cmd',
      'smx/1/site-2/esco/cmd',
      'cmd',
    ])
      expect(tree.down(topic)).toBeUndefined();
  });

  it.each(['#', '+/#', 'smx/#', 'smx/1/+/esco/#', 'smx/+/+/+/now', 'smx/1/site-1/esco/now', '+/1/+/+/+'])(
    'may be subscribed by %s',
    (filter) => expect(tree.meets(filter)).toBe(true),
  );

  it.each([
    'smx/1/+/dso/#',
    'smx/1/site-1/esco2/#',
    'smx/2/#',
    '$SYS/#',
    'smx/1/site-1',
    '+',
    '+/+',
    '/smx/1/site-1/esco/#',
  ])('is out of reach of %s', (filter) => expect(tree.meets(filter)).toBe(false));

  it('meets exactly the filters that match one of its topics', () => {
    const level = fc.constantFrom('a', 'b', '+');
    const filter = fc
      .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'));
    const topics: string[] = [];
    const grow = (prefix: string, depth: number): void => {
      for (const name of ['a', 'b', 'c']) {
        const topic = prefix === '' ? name : `${prefix}/${name}`;
        topics.push(topic);
        if (depth > 1) grow(topic, depth - 1);
      }
    };
    grow('', 5);
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        const both = topics.some((topic) => filterMatches(a, topic) && filterMatches(b, topic));
        expect(filtersMeet(a, b)).toBe(both);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the trees of the house and of MQTT from devices', () => {
    for (const topic of ['smx', 'smx/1/site-1/dso/now', '$SYS/broker']) expect(isReservedTopic(topic)).toBe(true);
    for (const topic of ['smxx/1', 'tele/plug/STATE']) expect(isReservedTopic(topic)).toBe(false);
  });
});
