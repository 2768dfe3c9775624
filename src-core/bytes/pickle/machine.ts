/**
 * Reads a Python pickle of any protocol (0 to 5) into a graph of nodes. It follows the stack machine of `Lib/pickle.py`, but
 * imports nothing and calls nothing. Every loop is over bytes of the file, so time and memory follow its size.
 */
import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS, type LimitName } from '../../base/limits.ts';
import { latin1 } from '../latin1.ts';
import { GlobalTable, type GlobalUse } from './global-table.ts';
import { type CallNode, type DictNode, depthOf, depthOver, type GlobalNode, type PickleNode } from './nodes.ts';
import { OP, opName } from './opcodes.ts';
import { decodeLong, decodeRawUnicode, decodeText, parseFloatText, parseIntText, parseQuoted } from './scalars.ts';
import { ValueStack } from './stack.ts';
import { OutOfBytes, Tape } from './tape.ts';

export interface PickleOptions {
  /** For errors. */
  readonly file: string;
  /** Offset of `bytes` in the file, for errors. */
  readonly base?: number;
  /** First byte to read. */
  readonly start?: number;
  /** Told of each opcode that imports, calls or changes something, before it takes effect. */
  readonly watch?: PickleWatch;
}

/** `subject` is what the opcode acts on: the function called, the object built, the id looked up. */
export type PickleWatch = (op: number, at: number, subject: PickleNode) => void;

export interface PickleResult {
  readonly root: PickleNode;
  /** The first byte after STOP. */
  readonly end: number;
  /** As declared; 0 when nothing is. */
  readonly protocol: number;
  /** Every name it would import, in order of first mention. */
  readonly globals: readonly GlobalUse[];
  /** Opcode to the offset of its first use. */
  readonly opcodes: ReadonlyMap<number, number>;
}

const NONE: PickleNode = { kind: 'none' };
const TRUE: PickleNode = { kind: 'bool', value: true };
const FALSE: PickleNode = { kind: 'bool', value: false };
const EMPTY_TUPLE: PickleNode = { kind: 'tuple', items: [], depth: 1 };
const SMALL_INTS: readonly PickleNode[] = Array.from({ length: 1024 }, (_, value) => ({ kind: 'int', value }));
const FORMAT = 'pickle';

type Holder = Extract<PickleNode, { depth: number }>;

/**
 * @throws `malformed` with the offset where the pickle breaks its rules or ends early, `limit` where it asks too much.
 */
export function runPickle(bytes: Uint8Array<ArrayBuffer>, options: PickleOptions): PickleResult {
  try {
    return new Machine(bytes, options).run();
  } catch (error) {
    if (!(error instanceof OutOfBytes)) throw error;
    throw malformed(options.file, FORMAT, 'it ends in the middle of a value', (options.base ?? 0) + bytes.length);
  }
}

/** The same, where `bytes` may hold only the beginning: undefined asks for more of them. */
export function tryPickle(bytes: Uint8Array<ArrayBuffer>, options: PickleOptions): PickleResult | undefined {
  try {
    return new Machine(bytes, options).run();
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
}

class Machine extends ValueStack {
  private readonly tape: Tape;
  /** Offset of the opcode that is being followed. */
  private opAt = 0;
  private protocol = 0;
  private readonly options: PickleOptions;
  private readonly globals = new GlobalTable();
  private readonly firstUse = new Float64Array(256).fill(-1);
  private buffers = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, options: PickleOptions) {
    super();
    this.options = options;
    this.tape = new Tape(bytes, options.start ?? 0);
    if (this.tape.left > LIMITS.pickleBytes) throw this.over('pickleBytes', this.tape.left, 'bytes of pickle');
  }

  run(): PickleResult {
    for (let ops = 0; ; ops++) {
      if (ops > LIMITS.pickleOps) throw this.over('pickleOps', ops, 'operations');
      this.opAt = this.tape.at;
      const op = this.tape.u8();
      if (this.firstUse[op]! < 0) this.firstUse[op] = this.opAt;
      if (op === OP.STOP) break;
      this.step(op);
    }
    const root = this.pop();
    const opcodes = new Map<number, number>();
    for (let op = 0; op < 256; op++) if (this.firstUse[op]! >= 0) opcodes.set(op, this.firstUse[op]!);
    return { root, end: this.tape.at, protocol: this.protocol, globals: this.globals.list(), opcodes };
  }

  private step(op: number): void {
    const { stack } = this;
    switch (op) {
      case OP.MARK:
        if (this.marks.length >= LIMITS.pickleDepth)
          throw this.over('pickleDepth', this.marks.length + 1, 'open marks');
        this.marks.push(stack.length);
        return;
      case OP.PROTO:
        this.protocol = this.tape.u8();
        if (this.protocol > 5) throw this.fail(`protocol ${this.protocol} is not known`);
        return;
      case OP.FRAME:
        // A frame is a hint for buffering; it only has to fit.
        this.tape.need(this.tape.u64());
        return;
      case OP.POP:
        if (stack.length === this.floor() && this.marks.length > 0) this.marks.pop();
        else this.pop();
        return;
      case OP.POP_MARK:
        this.popMark();
        return;
      case OP.DUP:
        this.push(this.top());
        return;

      case OP.NONE:
        this.push(NONE);
        return;
      case OP.NEWTRUE:
        this.push(TRUE);
        return;
      case OP.NEWFALSE:
        this.push(FALSE);
        return;
      case OP.BININT1:
        this.push(SMALL_INTS[this.tape.u8()]!);
        return;
      case OP.BININT2:
        this.push(intNode(this.tape.u16()));
        return;
      case OP.BININT:
        this.push(intNode(this.tape.i32()));
        return;
      case OP.LONG1:
        this.push(decodeLong(this.tape.slice(this.tape.u8())));
        return;
      case OP.LONG4:
        this.push(decodeLong(this.tape.slice(this.tape.i32())));
        return;
      case OP.INT:
      case OP.LONG:
        this.push(this.readInt());
        return;
      case OP.FLOAT: {
        const value = parseFloatText(this.tape.line());
        if (value === undefined) throw this.fail('a float is not written as one');
        this.push({ kind: 'float', value });
        return;
      }
      case OP.BINFLOAT:
        this.push({ kind: 'float', value: this.tape.f64be() });
        return;

      case OP.SHORT_BINUNICODE:
        this.push(this.text(this.tape.u8()));
        return;
      case OP.BINUNICODE:
        this.push(this.text(this.tape.u32()));
        return;
      case OP.BINUNICODE8:
        this.push(this.text(this.tape.u64()));
        return;
      case OP.UNICODE:
        this.push({ kind: 'str', value: decodeRawUnicode(this.tape.line()) });
        return;
      case OP.SHORT_BINSTRING:
        this.push(this.oldString(this.tape.slice(this.tape.u8())));
        return;
      case OP.BINSTRING:
        this.push(this.oldString(this.tape.slice(this.tape.i32())));
        return;
      case OP.STRING: {
        const raw = parseQuoted(this.tape.line());
        if (!raw) throw this.fail('a string is not quoted');
        this.push(this.oldString(raw));
        return;
      }
      case OP.SHORT_BINBYTES:
        this.pushBytes('bytes', this.tape.u8());
        return;
      case OP.BINBYTES:
        this.pushBytes('bytes', this.tape.u32());
        return;
      case OP.BINBYTES8:
        this.pushBytes('bytes', this.tape.u64());
        return;
      case OP.BYTEARRAY8:
        this.pushBytes('bytearray', this.tape.u64());
        return;

      case OP.EMPTY_TUPLE:
        this.push(EMPTY_TUPLE);
        return;
      case OP.TUPLE1:
        this.pushTuple([this.pop()]);
        return;
      case OP.TUPLE2:
        this.pushTuple(this.popPair());
        return;
      case OP.TUPLE3:
        this.pushTuple(this.popMany(3));
        return;
      case OP.TUPLE:
        this.pushTuple(this.popMark());
        return;
      case OP.EMPTY_LIST:
        this.push({ kind: 'list', items: [], depth: 1 });
        return;
      case OP.LIST:
        this.pushList(this.popMark());
        return;
      case OP.EMPTY_DICT:
        this.push({ kind: 'dict', keys: [], values: [], depth: 1 });
        return;
      case OP.DICT: {
        const dict: DictNode = { kind: 'dict', keys: [], values: [], depth: 1 };
        this.setPairs(dict, this.popMark());
        this.push(dict);
        return;
      }
      case OP.EMPTY_SET:
        this.push({ kind: 'set', items: [], depth: 1 });
        return;
      case OP.FROZENSET:
        this.pushFrozenSet(this.popMark());
        return;

      case OP.APPEND: {
        const item = this.pop();
        this.append(op, [item]);
        return;
      }
      case OP.APPENDS:
        this.append(op, this.popMark());
        return;
      case OP.ADDITEMS: {
        const items = this.popMark();
        const target = this.top();
        this.watch(op, target);
        // Python calls `update` or `add` of whatever it is; a call node keeps them as a list's.
        if (target.kind === 'set') this.putInto(target, target.items, items);
        else if (isCall(target)) this.putInto(target, listItemsOf(target), items);
        else throw this.fail(`items are added to a ${target.kind}`);
        return;
      }
      case OP.SETITEM: {
        const pair = this.popPair();
        this.watch(op, this.top());
        this.setPairs(this.top(), pair);
        return;
      }
      case OP.SETITEMS: {
        const pairs = this.popMark();
        this.watch(op, this.top());
        this.setPairs(this.top(), pairs);
        return;
      }

      case OP.GLOBAL: {
        const node = this.global(this.nameLine(), this.nameLine());
        this.watch(op, node);
        this.push(node);
        return;
      }
      case OP.STACK_GLOBAL: {
        const [module, name] = this.popPair();
        if (module?.kind !== 'str' || name?.kind !== 'str') throw this.fail('a name to import is not text');
        const node = this.global(module.value, name.value);
        this.watch(op, node);
        this.push(node);
        return;
      }
      case OP.REDUCE: {
        const args = this.pop();
        const fn = this.pop();
        this.call(op, { kind: 'reduce', fn, args, depth: this.depthOverTwo(fn, args) });
        return;
      }
      case OP.NEWOBJ: {
        const args = this.pop();
        const fn = this.pop();
        this.call(op, { kind: 'newobj', fn, args, depth: this.depthOverTwo(fn, args) });
        return;
      }
      case OP.NEWOBJ_EX: {
        const [fn, args, kwargs] = this.popMany(3) as [PickleNode, PickleNode, PickleNode];
        this.call(op, { kind: 'newobj', fn, args, kwargs, depth: this.depth([fn, args, kwargs]) });
        return;
      }
      case OP.INST: {
        const fn = this.global(this.nameLine(), this.nameLine());
        this.pushTuple(this.popMark());
        const args = this.pop();
        this.call(op, { kind: 'newobj', fn, args, depth: this.depthOverTwo(args, args) });
        return;
      }
      case OP.OBJ: {
        const [fn, ...items] = this.popMark();
        if (!fn) throw this.fail('an object is made of no class');
        this.pushTuple(items);
        const args = this.pop();
        this.call(op, { kind: 'newobj', fn, args, depth: this.depth([fn, args]) });
        return;
      }
      case OP.BUILD: {
        const state = this.pop();
        const target = this.top();
        this.watch(op, target);
        // Only objects take a state; on plain values Python fails, and there is nothing to keep it on.
        if (isCall(target)) {
          target.states ??= [];
          this.putInto(target, target.states, [state]);
        }
        return;
      }
      case OP.PERSID: {
        const id: PickleNode = { kind: 'str', value: this.nameLine() };
        this.watch(op, id);
        this.push({ kind: 'persistent', id, depth: this.depthOverTwo(id, id) });
        return;
      }
      case OP.BINPERSID: {
        const id = this.pop();
        this.watch(op, id);
        this.push({ kind: 'persistent', id, depth: this.depthOverTwo(id, id) });
        return;
      }

      case OP.PUT:
        this.remember(this.memoKey(this.tape.line()));
        return;
      case OP.BINPUT:
        this.remember(this.tape.u8());
        return;
      case OP.LONG_BINPUT:
        this.remember(this.tape.u32());
        return;
      case OP.MEMOIZE:
        this.remember(this.memoSize());
        return;
      case OP.GET:
        this.push(this.recall(this.memoKey(this.tape.line())));
        return;
      case OP.BINGET:
        this.push(this.recall(this.tape.u8()));
        return;
      case OP.LONG_BINGET:
        this.push(this.recall(this.tape.u32()));
        return;

      case OP.EXT1:
        this.push({ kind: 'extension', code: this.tape.u8() });
        return;
      case OP.EXT2:
        this.push({ kind: 'extension', code: this.tape.u16() });
        return;
      case OP.EXT4:
        this.push({ kind: 'extension', code: this.tape.i32() });
        return;
      case OP.NEXT_BUFFER:
        this.push({ kind: 'buffer', position: this.buffers++ });
        return;
      case OP.READONLY_BUFFER:
        this.top();
        return;
      default:
        throw this.fail(`0x${op.toString(16).padStart(2, '0')} is not an opcode`);
    }
  }

  private watch(op: number, subject: PickleNode): void {
    this.options.watch?.(op, this.opAt, subject);
  }

  private call(op: number, node: CallNode): void {
    this.watch(op, node.fn);
    if (node.fn.kind === 'global') this.globals.call(node.fn);
    this.push(node);
  }

  private global(module: string, name: string): GlobalNode {
    return this.globals.name(module, name, this.opAt);
  }

  private append(op: number, items: PickleNode[]): void {
    const target = this.top();
    this.watch(op, target);
    if (target.kind === 'list') this.putInto(target, target.items, items);
    else if (isCall(target)) this.putInto(target, listItemsOf(target), items);
    else throw this.fail(`items are appended to a ${target.kind}`);
  }

  private setPairs(target: PickleNode, pairs: readonly PickleNode[]): void {
    if (pairs.length % 2 !== 0) throw this.fail('a key has no value');
    let keys: PickleNode[];
    let values: PickleNode[];
    if (target.kind === 'dict') ({ keys, values } = target);
    else if (isCall(target)) {
      keys = target.dictKeys ??= [];
      values = target.dictValues ??= [];
    } else throw this.fail(`items are set on a ${target.kind}`);
    for (let i = 0; i < pairs.length; i += 2) {
      keys.push(pairs[i]!);
      values.push(pairs[i + 1]!);
    }
    this.deepen(target, pairs);
  }

  private pushTuple(items: PickleNode[]): void {
    this.push({ kind: 'tuple', items, depth: this.depth(items) });
  }

  private pushList(items: PickleNode[]): void {
    this.push({ kind: 'list', items, depth: this.depth(items) });
  }

  private pushFrozenSet(items: PickleNode[]): void {
    this.push({ kind: 'frozenset', items, depth: this.depth(items) });
  }

  private putInto(target: Exclude<Holder, { kind: 'tuple' }>, list: PickleNode[], items: readonly PickleNode[]): void {
    // `push(...items)` would overflow the call stack where a list has a few hundred thousand items.
    for (const item of items) list.push(item);
    this.deepen(target, items);
  }

  private deepen(target: Holder, items: readonly PickleNode[]): void {
    // Something that holds itself is no deeper each time it is put in.
    const others = items.includes(target) ? items.filter((item) => item !== target) : items;
    target.depth = Math.max(target.depth, this.depth(others));
  }

  private depth(items: readonly PickleNode[]): number {
    return this.checkDepth(depthOver(items));
  }

  private depthOverTwo(a: PickleNode, b: PickleNode): number {
    return this.checkDepth(Math.max(depthOf(a), depthOf(b)) + 1);
  }

  private checkDepth(depth: number): number {
    if (depth > LIMITS.pickleDepth) throw this.over('pickleDepth', depth, 'levels of values in each other');
    return depth;
  }

  private memoKey(line: string): number {
    if (!/^\d{1,15}$/.test(line.trim())) throw this.fail('a memo key is no number');
    return Number(line);
  }

  private nameLine(): string {
    const name = this.tape.utf8Line();
    if (name === undefined) throw this.fail('a name is not UTF-8');
    return name;
  }

  private readInt(): PickleNode {
    const line = this.tape.line();
    // Protocol 0 writes booleans as 00 and 01.
    if (line === '00') return FALSE;
    if (line === '01') return TRUE;
    const node = parseIntText(line);
    if (!node) throw this.fail('an integer is not written as one');
    return node;
  }

  private text(length: number): PickleNode {
    const value = decodeText(this.tape.slice(length));
    if (value === undefined) throw this.fail('text is not UTF-8');
    return { kind: 'str', value };
  }

  /** A Python 2 `str`: text where it reads as UTF-8, else data shown byte by byte. */
  private oldString(raw: Uint8Array<ArrayBuffer>): PickleNode {
    return { kind: 'str', value: decodeText(raw) ?? latin1(raw), raw };
  }

  private pushBytes(kind: 'bytes' | 'bytearray', length: number): void {
    const value = this.tape.slice(length);
    this.push({ kind, value, at: this.tape.at - length });
  }

  protected override fail(detail: string): StateglassError {
    const op = opName(this.tape.bytes[this.opAt] ?? 0) ?? 'unknown';
    return malformed(this.options.file, FORMAT, `${detail} (${op})`, (this.options.base ?? 0) + this.opAt);
  }

  protected override over(limit: LimitName, value: number, what: string): StateglassError {
    const max = LIMITS[limit];
    return new StateglassError({
      kind: 'limit',
      file: this.options.file,
      limit,
      value,
      max,
      detail: `${value} ${what}`,
    });
  }
}

const isCall = (node: PickleNode): node is CallNode => node.kind === 'reduce' || node.kind === 'newobj';

const intNode = (value: number): PickleNode => SMALL_INTS[value] ?? { kind: 'int', value };

function listItemsOf(node: CallNode): PickleNode[] {
  node.listItems ??= [];
  return node.listItems;
}
