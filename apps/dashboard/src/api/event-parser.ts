/** Cuts the text of a stream into events (WHATWG HTML §9.2.6, without ids and retry times). */
export class EventParser {
  private rest = '';

  constructor(private readonly onEvent: (name: string, data: string) => void) {}

  add(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      let name = 'message';
      const data: string[] = [];
      for (const line of block.split('\n'))
        if (line.startsWith('event:')) name = line.slice(6).trimStart();
        else if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
      if (data.length > 0) this.onEvent(name, data.join('\n'));
    }
  }
}
