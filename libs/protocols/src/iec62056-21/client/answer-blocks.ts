import { isOfOther } from './other-address.js';

/** Characters of all blocks of an answer. */
const LONGEST = 2 ** 20;

/** What a block makes of an answer: `other` is none of it, `repeated` may be the one before once more, or another that is alike. */
export type BlockOutcome = 'more' | 'other' | 'repeated' | 'long' | { readonly whole: string };

/** The blocks of one answer, put together; what a meter may say twice is neither doubled nor taken for what comes next. */
export class AnswerBlocks {
  private parts: string[] = [];
  private length = 0;
  /** What the meter was sent since the block that came last: each question, ACK and NAK may bring one. */
  private owed = 0;
  /** It was more than one: the block that came last may come again. */
  private mayRepeat = false;
  private isUnsettled = false;

  constructor(private readonly longest = LONGEST) {}

  /** Whether more may come of what was asked, so that the next question has to wait until the line is silent. */
  get mayTrail(): boolean {
    return this.isUnsettled;
  }

  get hasBegun(): boolean {
    return this.parts.length > 0;
  }

  /** Something came that is no block, and answers what was asked. */
  answered(): void {
    this.isUnsettled ||= this.owed > 1;
    this.owed = 0;
  }

  /** A question goes out for the first time. */
  begin(): void {
    this.owed = 0;
    this.forget();
  }

  /** The meter was sent what it may answer with a block. */
  asked(): void {
    this.owed++;
  }

  /** `address`: which was asked for. */
  take({ data, isLast }: { readonly data: string; readonly isLast: boolean }, address: string): BlockOutcome {
    const isRepeated = this.owed > 1;
    // it may be the same once more, or the next that is alike: rows are neither doubled nor left out
    if ((isRepeated || this.mayRepeat) && data === this.parts.at(-1)) return 'repeated';
    // what was asked before is answered twice where the question had to be repeated
    if (!this.hasBegun && isOfOther(data, address)) return 'other';
    this.parts.push(data);
    this.length += data.length;
    this.owed = 0;
    this.mayRepeat = isRepeated;
    this.isUnsettled ||= isRepeated;
    if (this.length > this.longest) return 'long';
    return isLast ? { whole: this.join() } : 'more';
  }

  /** Of what came nothing counts. */
  forget(): void {
    this.parts = [];
    this.length = 0;
    this.mayRepeat = false;
  }

  /** The answer is given up while more of it may come. */
  giveUp(): void {
    this.forget();
    this.isUnsettled = true;
  }

  /** The line was silent. */
  settle(): void {
    this.isUnsettled = false;
  }

  private join(): string {
    const whole = this.parts.join('');
    this.forget();
    return whole;
  }
}
