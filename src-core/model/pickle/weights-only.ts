/**
 * Whether `torch.load(weights_only=True)` would take a pickle: the same opcodes, names and targets as
 * `torch/_weights_only_unpickler.py`, followed while the pickle is read and without running anything. What torch's own
 * functions would say of their arguments is not foreseen.
 */
import type { GlobalNode, PickleNode } from '../../bytes/pickle/nodes.ts';
import { OP, opName } from '../../bytes/pickle/opcodes.ts';
import { globalName } from '../../bytes/pickle/python-names.ts';
import { isAllowed, isAllowedClass, typeMadeBy } from './allowed-globals.ts';

const OPCODES: ReadonlySet<number> = new Set([
  OP.APPEND,
  OP.APPENDS,
  OP.BINFLOAT,
  OP.BINGET,
  OP.BININT,
  OP.BININT1,
  OP.BININT2,
  OP.BINPERSID,
  OP.BINPUT,
  OP.BINUNICODE,
  OP.BUILD,
  OP.EMPTY_DICT,
  OP.EMPTY_LIST,
  OP.EMPTY_SET,
  OP.EMPTY_TUPLE,
  OP.GLOBAL,
  OP.LONG1,
  OP.LONG_BINGET,
  OP.LONG_BINPUT,
  OP.MARK,
  OP.NEWFALSE,
  OP.NEWOBJ,
  OP.NEWTRUE,
  OP.NONE,
  OP.PROTO,
  OP.REDUCE,
  OP.SETITEM,
  OP.SETITEMS,
  OP.SHORT_BINSTRING,
  OP.STOP,
  OP.TUPLE,
  OP.TUPLE1,
  OP.TUPLE2,
  OP.TUPLE3,
]);
const BLOCKED_MODULES: ReadonlySet<string> = new Set(['sys', 'os', 'posix', 'nt']);
const DICT_TYPES: ReadonlySet<string> = new Set(['dict', 'OrderedDict', 'Counter']);
/** Types BUILD may fill; the others are made by functions and are no allowed class themselves. */
const UNBUILDABLE: ReadonlySet<string> = new Set(['bytes', 'layout', 'dict', 'list', 'tuple']);

/** Watches one pickle; `verdict` is the first thing torch would refuse. */
export class WeightsOnlyJudge {
  private first: { at: number; why: string } | undefined;
  private readonly names = new Map<GlobalNode, string>();

  readonly watch = (op: number, at: number, subject: PickleNode): void => {
    if (this.first) return;
    const why = this.refusal(op, subject);
    if (why) this.first = { at, why };
  };

  /** Call it when the pickle is read, with the opcodes it uses. Undefined: torch would take it. */
  verdict(opcodes: ReadonlyMap<number, number>): string | undefined {
    let first = this.first;
    for (const [op, at] of opcodes) {
      if (OPCODES.has(op) || (first && first.at <= at)) continue;
      first = { at, why: `opcode ${opName(op) ?? op} is not supported` };
    }
    return first?.why;
  }

  private refusal(op: number, subject: PickleNode): string | undefined {
    switch (op) {
      case OP.GLOBAL: {
        const { module } = subject as GlobalNode;
        const name = this.nameOf(subject as GlobalNode);
        if (BLOCKED_MODULES.has(module)) return `${name} is of a blocked module`;
        return isAllowed(name) ? undefined : `${name} is not an allowed global`;
      }
      case OP.REDUCE: {
        if (subject.kind !== 'global') return `a ${subject.kind} is called`;
        const name = this.nameOf(subject);
        if (!isAllowed(name)) return `${name} is called and is not an allowed global`;
        return typeMadeBy(name) === undefined ? `${name} is called and is no function` : undefined;
      }
      case OP.NEWOBJ: {
        const name = subject.kind === 'global' ? this.nameOf(subject) : subject.kind;
        return isAllowedClass(name) ? undefined : `an object of ${name} is made`;
      }
      case OP.BUILD: {
        const type = this.typeOf(subject);
        return type === undefined || UNBUILDABLE.has(type)
          ? `the state of a ${type ?? subject.kind} is set`
          : undefined;
      }
      case OP.APPEND:
      case OP.APPENDS:
        return subject.kind === 'list' ? undefined : `items are appended to a ${this.typeOf(subject) ?? subject.kind}`;
      case OP.SETITEM:
      case OP.SETITEMS: {
        const type = this.typeOf(subject);
        return type !== undefined && DICT_TYPES.has(type) ? undefined : `items are set on a ${type ?? subject.kind}`;
      }
      case OP.BINPERSID: {
        if (subject.kind === 'int') return undefined;
        if (subject.kind !== 'tuple') return `a persistent id is a ${subject.kind}`;
        const tag = subject.items[0];
        return tag === undefined || (tag.kind === 'str' && tag.value === 'storage')
          ? undefined
          : 'a persistent id is of something other than a storage';
      }
      default:
        return undefined;
    }
  }

  private typeOf(node: PickleNode): string | undefined {
    if (node.kind === 'dict' || node.kind === 'list' || node.kind === 'tuple') return node.kind;
    if ((node.kind !== 'reduce' && node.kind !== 'newobj') || node.fn.kind !== 'global') return undefined;
    return typeMadeBy(this.nameOf(node.fn));
  }

  private nameOf(node: GlobalNode): string {
    let name = this.names.get(node);
    if (name === undefined) {
      name = globalName(node.module, node.name);
      this.names.set(node, name);
    }
    return name;
  }
}
