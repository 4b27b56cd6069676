import { BaudSearch } from './baud-search.js';

const text = Buffer.from('/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(004579.491*kWh)\r\n'.repeat(5));
const garbage = Uint8Array.from({ length: 200 }, (_, i) => (i * 37) % 256);

describe('baud search', () => {
  it('tries the other speed on garbage, at once', () => {
    const search = new BaudSearch();
    expect(search.setting).toEqual({ baud: 115_200, mode: '8N1' });
    search.bytes(garbage, 0);
    expect(search.next(100)).toEqual({ baud: 9600, mode: '7E1' });
    search.bytes(garbage, 200);
    expect(search.next(300)).toEqual({ baud: 115_200, mode: '8N1' });
  });

  it('tries it too where text comes and no frame in 25 s, and stays on a silent line', () => {
    const search = new BaudSearch();
    expect(search.next(3_600_000)).toBeUndefined();
    search.bytes(text, 0);
    expect(search.next(24_999)).toBeUndefined();
    expect(search.next(25_000)).toEqual({ baud: 9600, mode: '7E1' });
    expect(search.next(1e9)).toBeUndefined();
  });

  it('stays once a frame was good, whatever noise follows', () => {
    const search = new BaudSearch();
    search.bytes(text, 0);
    search.good();
    for (let i = 0; i < 100; i++) search.bytes(garbage, 1000 * i);
    expect(search.next(1e9)).toBeUndefined();
  });
});
