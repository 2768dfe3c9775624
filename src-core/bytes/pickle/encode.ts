/**
 * Writes a graph of nodes as a pickle: the opcodes of protocol 2 in the order of Python's own pickler (`Modules/_pickle.c`), memo
 * numbers included, and newer ones only for nodes that have no older form. A node that stands in two places is written
 * once and recalled. It names what the nodes name, and nothing else.
 */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { ByteWriter } from '../byte-writer.ts';
import { writeCodePoint } from '../wtf8.ts';
import type { CallNode, DictNode, GlobalNode, ListNode, PickleNode, SetNode, StrNode, TupleNode } from './nodes.ts';
import { OP } from './opcodes.ts';
import { encodeLong } from './scalars.ts';

/** What Python's pickler puts into a container at once. */
const BATCH = 1000;
const OLDEST = 2;
const TUPLES = [OP.EMPTY_TUPLE, OP.TUPLE1, OP.TUPLE2, OP.TUPLE3];

export interface EncodeOptions {
  /** For errors. */
  readonly file: string;
  /** As declared. Names are looked up by its rules; 2 at least. */
  readonly protocol: number;
  /** Another id for an object that is kept outside the pickle; asked in the order they are written. */
  readonly idOf?: (id: PickleNode) => PickleNode;
}

/** @throws `unsupported` for nodes that only their own file could tell more of, `limit` for what is nested too deeply. */
export function encodePickle(root: PickleNode, { file, protocol, idOf }: EncodeOptions): Uint8Array<ArrayBuffer> {
  const encoder = new Encoder(file, idOf);
  encoder.begin(Math.max(protocol, OLDEST));
  encoder.save(root);
  return encoder.end();
}

class Encoder {
  private readonly out = new ByteWriter();
  private readonly memo = new Map<PickleNode, number>();
  private readonly file: string;
  private readonly idOf: EncodeOptions['idOf'];
  private depth = 0;

  constructor(file: string, idOf: EncodeOptions['idOf']) {
    this.file = file;
    this.idOf = idOf;
  }

  begin(protocol: number): void {
    this.out.u8(OP.PROTO);
    this.out.u8(protocol);
  }

  end(): Uint8Array<ArrayBuffer> {
    this.out.u8(OP.STOP);
    return this.out.done;
  }

  save(node: PickleNode): void {
    const known = this.memo.get(node);
    if (known !== undefined) {
      this.numbered(OP.BINGET, OP.LONG_BINGET, known);
      return;
    }
    // A call that is among its own arguments would never end; no pickler writes one.
    if (++this.depth > LIMITS.pickleWriteDepth) throw this.tooDeep();
    this.saveNew(node);
    this.depth--;
  }

  private saveNew(node: PickleNode): void {
    const { out } = this;
    switch (node.kind) {
      case 'none':
        out.u8(OP.NONE);
        return;
      case 'bool':
        out.u8(node.value ? OP.NEWTRUE : OP.NEWFALSE);
        return;
      case 'int':
        this.saveInt(node.value);
        return;
      case 'long':
        if (!/^-?\d+$/.test(node.digits)) throw this.refuse('an integer too long to be read whole');
        this.saveLong(BigInt(node.digits));
        return;
      case 'float':
        out.u8(OP.BINFLOAT);
        out.f64be(node.value);
        return;
      case 'str':
        this.saveText(node);
        return;
      case 'bytes':
        this.sized(OP.SHORT_BINBYTES, OP.BINBYTES, node.value);
        this.remember(node);
        return;
      case 'bytearray':
        out.u8(OP.BYTEARRAY8);
        out.u64(node.value.length);
        out.bytes(node.value);
        this.remember(node);
        return;
      case 'tuple':
        this.saveTuple(node);
        return;
      case 'list':
        out.u8(OP.EMPTY_LIST);
        this.remember(node);
        this.saveListItems(node);
        return;
      case 'dict':
        out.u8(OP.EMPTY_DICT);
        this.remember(node);
        this.saveDictItems(node);
        return;
      case 'set':
      case 'frozenset':
        this.saveSet(node);
        return;
      case 'global':
        this.saveGlobal(node);
        return;
      case 'reduce':
      case 'newobj':
        this.saveCall(node);
        return;
      case 'persistent':
        this.save(this.idOf?.(node.id) ?? node.id);
        out.u8(OP.BINPERSID);
        return;
      case 'extension':
        out.u8(OP.EXT4);
        out.i32(node.code);
        return;
      case 'buffer':
        throw this.refuse('data that is kept outside the file');
    }
  }

  private saveInt(value: number): void {
    const { out } = this;
    if (value >= 0 && value <= 0xff) {
      out.u8(OP.BININT1);
      out.u8(value);
    } else if (value >= 0 && value <= 0xffff) {
      out.u8(OP.BININT2);
      out.u16(value);
    } else if (value >= -(2 ** 31) && value < 2 ** 31) {
      out.u8(OP.BININT);
      out.i32(value);
    } else this.saveLong(BigInt(value));
  }

  private saveLong(value: bigint): void {
    const bytes = encodeLong(value);
    if (bytes.length <= 0xff) {
      this.out.u8(OP.LONG1);
      this.out.u8(bytes.length);
    } else {
      this.out.u8(OP.LONG4);
      this.out.i32(bytes.length);
    }
    this.out.bytes(bytes);
  }

  private saveText(node: StrNode): void {
    if (node.raw) {
      this.sized(OP.SHORT_BINSTRING, OP.BINSTRING, node.raw);
    } else {
      const bytes = encodeText(node.value);
      this.out.u8(OP.BINUNICODE);
      this.out.u32(bytes.length);
      this.out.bytes(bytes);
    }
    this.remember(node);
  }

  private saveTuple(node: TupleNode): void {
    const { items } = node;
    const { out } = this;
    if (items.length > 3) out.u8(OP.MARK);
    for (const item of items) this.save(item);
    // One that holds itself, by way of a list, was written on the way.
    if (this.memo.has(node)) {
      if (items.length > 3) out.u8(OP.POP_MARK);
      else out.fill(OP.POP, items.length);
      this.save(node);
      return;
    }
    out.u8(TUPLES[items.length] ?? OP.TUPLE);
    if (items.length > 0) this.remember(node);
  }

  /** A list says its end by its length, so there is no empty batch at the end. */
  private saveListItems({ items }: ListNode): void {
    for (let at = 0; at < items.length; at += BATCH) {
      this.saveBatch(items.slice(at, at + BATCH), items.length === 1 ? OP.APPEND : undefined, OP.APPENDS);
    }
  }

  /** A dict's last batch is the one that is not full, even if it is empty. */
  private saveDictItems({ keys, values }: DictNode): void {
    if (keys.length === 0) return;
    for (let at = 0; at <= keys.length; at += BATCH) {
      const pairs = pairUp(keys, values, at);
      this.saveBatch(pairs, keys.length === 1 ? OP.SETITEM : undefined, OP.SETITEMS);
    }
  }

  /** `alone` is the opcode without a mark. */
  private saveBatch(items: readonly PickleNode[], alone: number | undefined, together: number): void {
    if (alone === undefined) this.out.u8(OP.MARK);
    for (const item of items) this.save(item);
    this.out.u8(alone ?? together);
  }

  private saveSet(node: SetNode): void {
    const { out } = this;
    if (node.kind === 'set') {
      out.u8(OP.EMPTY_SET);
      this.remember(node);
    }
    out.u8(OP.MARK);
    for (const item of node.items) this.save(item);
    out.u8(node.kind === 'set' ? OP.ADDITEMS : OP.FROZENSET);
    if (node.kind === 'frozenset') this.remember(node);
  }

  private saveGlobal(node: GlobalNode): void {
    if (/\n/.test(node.module + node.name)) throw this.refuse('a name with a line break in it');
    this.out.u8(OP.GLOBAL);
    this.out.bytes(encodeText(`${node.module}\n${node.name}\n`));
    this.remember(node);
  }

  private saveCall(node: CallNode): void {
    const { out } = this;
    this.save(node.fn);
    this.save(node.args);
    if (node.kwargs) this.save(node.kwargs);
    out.u8(node.kind === 'reduce' ? OP.REDUCE : node.kwargs ? OP.NEWOBJ_EX : OP.NEWOBJ);
    this.remember(node);
    const { listItems = [], dictKeys = [], dictValues = [], states = [] } = node;
    // Items come from an iterator here: a single one is put in without a mark, be it the last of many.
    for (let at = 0; at < listItems.length; at += BATCH) {
      const batch = listItems.slice(at, at + BATCH);
      this.saveBatch(batch, batch.length === 1 ? OP.APPEND : undefined, OP.APPENDS);
    }
    for (let at = 0; at < dictKeys.length; at += BATCH) {
      const batch = pairUp(dictKeys, dictValues, at);
      this.saveBatch(batch, batch.length === 2 ? OP.SETITEM : undefined, OP.SETITEMS);
    }
    for (const state of states) {
      this.save(state);
      out.u8(OP.BUILD);
    }
  }

  private remember(node: PickleNode): void {
    const key = this.memo.size;
    this.memo.set(node, key);
    this.numbered(OP.BINPUT, OP.LONG_BINPUT, key);
  }

  private numbered(short: number, long: number, key: number): void {
    if (key <= 0xff) {
      this.out.u8(short);
      this.out.u8(key);
    } else {
      this.out.u8(long);
      this.out.u32(key);
    }
  }

  private sized(short: number, long: number, bytes: Uint8Array): void {
    this.out.u8(bytes.length <= 0xff ? short : long);
    if (bytes.length <= 0xff) this.out.u8(bytes.length);
    else this.out.u32(bytes.length);
    this.out.bytes(bytes);
  }

  private refuse(what: string): StateglassError {
    return new StateglassError({ kind: 'unsupported', file: this.file, format: 'pickle', detail: `it has ${what}` });
  }

  private tooDeep(): StateglassError {
    const max = LIMITS.pickleWriteDepth;
    const detail = 'values are nested too deeply to be written, or hold themselves';
    return new StateglassError({
      kind: 'limit',
      file: this.file,
      limit: 'pickleWriteDepth',
      value: max + 1,
      max,
      detail,
    });
  }
}

function pairUp(keys: readonly PickleNode[], values: readonly PickleNode[], at: number): PickleNode[] {
  const pairs: PickleNode[] = [];
  for (let i = at; i < Math.min(at + BATCH, keys.length); i++) pairs.push(keys[i]!, values[i]!);
  return pairs;
}

const encoder = new TextEncoder();

/** UTF-8, lone surrogates let through as Python's `surrogatepass` writes them. */
function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  const bytes = new Uint8Array(3 * text.length);
  let at = 0;
  for (const char of text) at = writeCodePoint(bytes, at, char.codePointAt(0)!);
  return bytes.subarray(0, at);
}
