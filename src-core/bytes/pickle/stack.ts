import type { StateglassError } from '../../base/errors.ts';
import { LIMITS, type LimitName } from '../../base/limits.ts';
import type { PickleNode } from './nodes.ts';

/** What a pickle works on: a stack of values with marks in it, and the values it remembers under a number. */
export abstract class ValueStack {
  protected readonly stack: PickleNode[] = [];
  protected readonly marks: number[] = [];
  /** Memo keys are nearly always 0, 1, 2…; the others (a file may use 2^32 - 1) go to a map. */
  private readonly memo: PickleNode[] = [];
  private readonly sparseMemo = new Map<number, PickleNode>();

  /** An error at the opcode that is being followed. */
  protected abstract fail(detail: string): StateglassError;
  protected abstract over(limit: LimitName, value: number, what: string): StateglassError;

  /** How many values are remembered: MEMOIZE takes it for the next key. */
  protected memoSize(): number {
    return this.memo.length + this.sparseMemo.size;
  }

  protected remember(key: number): void {
    const node = this.top();
    if (key < this.memo.length) this.memo[key] = node;
    else if (key === this.memo.length && this.sparseMemo.size === 0) this.memo.push(node);
    else this.sparseMemo.set(key, node);
    const size = this.memoSize();
    if (size > LIMITS.pickleMemo) throw this.over('pickleMemo', size, 'remembered values');
  }

  protected recall(key: number): PickleNode {
    const node = this.memo[key] ?? this.sparseMemo.get(key);
    if (!node) throw this.fail(`value ${key} is used and was never remembered`);
    return node;
  }

  protected push(node: PickleNode): void {
    this.stack.push(node);
  }

  /** Nothing below the last mark may be taken. */
  protected floor(): number {
    return this.marks.length > 0 ? this.marks[this.marks.length - 1]! : 0;
  }

  protected pop(): PickleNode {
    if (this.stack.length <= this.floor()) throw this.fail('the stack is empty');
    return this.stack.pop()!;
  }

  protected popPair(): [PickleNode, PickleNode] {
    const second = this.pop();
    return [this.pop(), second];
  }

  protected popMany(count: number): PickleNode[] {
    const start = this.stack.length - count;
    if (start < this.floor()) throw this.fail('the stack is empty');
    return this.cut(start);
  }

  /** Takes everything from `start` on. Much cheaper than splice for the few items it mostly is. */
  private cut(start: number): PickleNode[] {
    const items = this.stack.slice(start);
    this.stack.length = start;
    return items;
  }

  protected popMark(): PickleNode[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.fail('there is no mark on the stack');
    return this.cut(mark);
  }

  protected top(): PickleNode {
    if (this.stack.length <= this.floor()) throw this.fail('the stack is empty');
    return this.stack[this.stack.length - 1]!;
  }
}
