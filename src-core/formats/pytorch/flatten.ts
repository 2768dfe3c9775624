/**
 * From the graph of a pickle to entries: dicts, lists and modules nest, tensors and plain values are entries. A dict of
 * tensors with dotted names is a state dict, and its names are taken apart at the dots.
 */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { plainNode } from '../../bytes/pickle/idioms.ts';
import { itemsOf, type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import { guessRole } from '../../model/guess-role.ts';
import { dotted } from '../../model/keys/dotted.ts';
import type { KeyPath, PartKind, PathPart } from '../../model/keys/key.ts';
import type { Entry, MetaItem, NodeInfo, Problem, Role, RoleSource, Value } from '../../model/state-dict.ts';
import { dictItems, keyPart, lastOfEach, looksLikeStateDict } from './dict-items.ts';
import { readModuleMetadata } from './metadata.ts';
import { emptyOf, type Found, findObject, opaque, type PlaceBytes, stateFields } from './objects.ts';
import type { StorageTable } from './storages.ts';
import { type FoundTensor, isTensorNode } from './tensors.ts';
import type { Slot, Trace } from './trace.ts';

export interface Flat {
  readonly entries: Entry[];
  readonly layout: 'flat' | 'nested';
  readonly nodes: Map<string, NodeInfo>;
  readonly metadata: MetaItem[];
  readonly problems: Problem[];
  /** Bytes of entries that are more than one storage. */
  readonly bytes: Map<number, number>;
}

export interface FlattenOptions {
  readonly file: string;
  readonly table: StorageTable;
  readonly place: PlaceBytes;
  /** TorchScript: what the code says of a module's attribute. */
  readonly roleOf?: (className: string, attribute: string) => Role | undefined;
  /** Told where in the graph things stand. */
  readonly trace?: Trace;
}

interface Place {
  readonly parts: readonly PathPart[];
  readonly kinds: readonly PartKind[];
  readonly raw: string | null;
  /** What everything below here is, where the surroundings say so. */
  readonly inside?: 'optimizer' | 'options';
  readonly slot?: Slot;
}

/**
 * Nodes are shared in a pickle: a container that is met again is opened again, up to so many containers and entries. Past it
 * a repeated container is one opaque entry, so the listing stays in proportion to the file.
 */
const REPEATED = 100_000;
const ROOT: Place = { parts: [], kinds: [], raw: null };

/** @throws `limit` when there are more entries than a document may have. */
export function flatten(root: PickleNode, options: FlattenOptions): Flat {
  const flattener = new Flattener(options);
  flattener.addRoot(root);
  return flattener;
}

class Flattener implements Flat {
  readonly entries: Entry[] = [];
  layout: 'flat' | 'nested' = 'nested';
  readonly nodes = new Map<string, NodeInfo>();
  readonly metadata: MetaItem[] = [];
  readonly problems: Problem[] = [];
  readonly bytes = new Map<number, number>();
  private readonly options: FlattenOptions;
  private readonly open = new Set<PickleNode>();
  private readonly seen = new Set<PickleNode>();
  private repeated = 0;
  private repeating = 0;

  constructor(options: FlattenOptions) {
    this.options = options;
  }

  addRoot(root: PickleNode): void {
    const found = this.find(root);
    const { keys, values } = found.is === 'holder' ? found : {};
    if (keys && values && looksLikeStateDict(keys, values)) this.layout = 'flat';
    this.add(root, found, { ...ROOT, ...(this.layout === 'flat' ? { raw: '' } : {}) });
  }

  private find(node: PickleNode): Found {
    return findObject(node, this.options.table, this.options.place);
  }

  private visit(node: PickleNode, place: Place): void {
    this.add(node, this.find(node), place);
  }

  private add(node: PickleNode, found: Found, place: Place): void {
    if (found.is === 'tensor') this.addTensor(node, found.tensor, place);
    else if (found.is === 'value') this.addValue(node, found.value, place, undefined, found.problem);
    else if (found.is === 'holder' && found.values.length === 0) this.addHolder(node, found, place);
    else if (this.open.has(node)) this.addClosed(node, place, 'circular', 'holds itself');
    else if (place.parts.length >= LIMITS.keyParts) {
      this.addClosed(node, place, 'too-deep', 'is nested too deeply to be opened');
    } else this.addInner(node, found, place);
  }

  private addInner(node: PickleNode, found: Exclude<Found, { is: 'tensor' | 'value' }>, place: Place): void {
    const isRepeat = this.seen.has(node) || this.repeating > 0;
    if (isRepeat && this.repeated++ > REPEATED) {
      this.addClosed(node, place, 'repeated', 'is a shared value that was listed before');
      return;
    }
    this.seen.add(node);
    this.open.add(node);
    if (isRepeat) this.repeating++;
    if (found.is === 'module') this.addModule(found, place);
    else if (found.is === 'object') this.addObject(found, place);
    else this.addHolder(node, found, place);
    if (isRepeat) this.repeating--;
    this.open.delete(node);
  }

  private addHolder(node: PickleNode, found: Extract<Found, { is: 'holder' }>, place: Place): void {
    this.note(place, { container: found.container.replace(/^collections\./, '') });
    this.addModuleMetadata(found.state, place);
    const { keys, values } = found;
    const isStateDict = keys !== undefined && looksLikeStateDict(keys, values);
    this.options.trace?.holder(node, {
      path: place.parts.join('.'),
      slot: place.slot,
      keys: isStateDict ? 'dotted' : keys ? 'parts' : 'positions',
      isEmpty: values.length === 0,
    });
    if (values.length === 0) {
      this.addValue(node, emptyOf(found.container), place);
      return;
    }
    if (!keys) {
      values.forEach((value, i) => {
        this.visit(value, below(place, i, 'index', { holder: node, at: i }));
      });
      return;
    }
    const isOptimizer =
      keys.some((key) => textOf(key) === 'param_groups') && keys.some((key) => textOf(key) === 'state');
    for (const [key, value] of lastOfEach(keys, values)) {
      const text = textOf(key);
      if (isStateDict && text !== undefined) {
        this.visit(value, dottedBelow(place, text, { holder: node, at: key }));
        continue;
      }
      const next = below(place, keyPart(key), 'key', { holder: node, at: key });
      this.visit(value, isOptimizer ? { ...next, inside: text === 'state' ? 'optimizer' : 'options' } : next);
    }
  }

  /** A pickled `nn.Module`, listed as its `state_dict()` would be: parameters, buffers, then children. */
  private addModule(found: Extract<Found, { is: 'module' }>, place: Place): void {
    this.note(place, { container: found.container });
    const { fields } = found;
    const before = this.entries.length;
    const left = namesIn(fields.get('_non_persistent_buffers_set'));
    for (const [field, role] of [
      ['_parameters', 'parameter'],
      ['_buffers', 'buffer'],
    ] as const) {
      const holder = fields.get(field);
      const path = place.parts.join('.');
      if (holder) this.options.trace?.holder(holder, { path, slot: undefined, keys: 'attributes', isEmpty: false });
      for (const [key, value] of dictItems(holder)) {
        if (value.kind === 'none') continue;
        const isLeft = field === '_buffers' && left.has(textOf(key) ?? '');
        const next = below(place, keyPart(key), 'attr', holder && { holder, at: key });
        this.visitAs(value, next, { role }, isLeft ? NON_PERSISTENT : []);
      }
    }
    if (!fields.has('_parameters')) this.addScriptFields(found, place);
    for (const [key, value] of dictItems(fields.get('_modules'))) {
      if (value.kind !== 'none') this.visit(value, below(place, keyPart(key), 'attr'));
    }
    if (this.entries.length === before && place.parts.length === 0) this.addValue(NONE, emptyOf('dict'), place);
  }

  /** TorchScript modules have their tensors and children as plain attributes; tensors come first, as in a state dict. */
  private addScriptFields(found: Extract<Found, { is: 'module' }>, place: Place): void {
    const children: [string, PickleNode][] = [];
    for (const [name, value] of found.fields) {
      if (name === '_modules') continue;
      if (!isTensorNode(value)) {
        if (value.kind === 'newobj' && stateFields(value)) children.push([name, value]);
        continue;
      }
      const role = this.options.roleOf?.(found.container, name);
      this.visitAs(value, below(place, name, 'attr'), role);
    }
    for (const [name, value] of children) this.visit(value, below(place, name, 'attr'));
  }

  /** Some other object that holds tensors: its arguments, items and attributes. */
  private addObject({ container, call }: Extract<Found, { is: 'object' }>, place: Place): void {
    this.note(place, { container });
    const args = itemsOf(call.args) ?? [call.args];
    args.forEach((arg, i) => {
      this.visit(arg, below(place, i, 'index', { holder: call.args, at: i }));
    });
    call.listItems?.forEach((item, i) => {
      this.visit(item, below(place, args.length + i, 'index'));
    });
    for (const [name, value] of stateFields(call) ?? []) this.visit(value, below(place, name, 'attr'));
  }

  private visitAs(node: PickleNode, place: Place, role: Role | undefined, meta: readonly MetaItem[] = []): void {
    const found = this.find(node);
    if (found.is === 'tensor')
      this.addTensor(node, { ...found.tensor, meta: [...found.tensor.meta, ...meta] }, place, role);
    else this.add(node, found, place);
  }

  private addTensor(node: PickleNode, tensor: FoundTensor, place: Place, stated?: Role): void {
    const [role, source]: [Role, RoleSource] = stated
      ? [stated, 'file']
      : tensor.isParameter
        ? [{ role: 'parameter' }, 'file']
        : [guessTensorRole(place), 'heuristic'];
    if (tensor.bytes !== undefined) this.bytes.set(this.entries.length, tensor.bytes);
    this.push(node, tensor.value, place, role, source, tensor.meta, tensor.problem);
  }

  private addValue(
    node: PickleNode,
    value: Value,
    place: Place,
    meta: readonly MetaItem[] = [],
    problem?: FoundTensor['problem'],
  ): void {
    const last = place.parts.at(-1);
    const isExtra = typeof last === 'string' && last.endsWith('_extra_state');
    const role: Role = isExtra
      ? { role: 'extra-state' }
      : place.inside === 'optimizer'
        ? { role: 'optimizer' }
        : { role: 'artifact' };
    this.push(node, value, place, role, 'heuristic', meta, problem);
  }

  private addClosed(node: PickleNode, place: Place, code: string, text: string): void {
    this.addValue(node, opaque(node, code), place, [], { code, text });
  }

  private push(
    node: PickleNode,
    value: Value,
    { parts, kinds, raw, slot }: Place,
    role: Role,
    roleSource: RoleSource,
    meta: readonly MetaItem[],
    problem?: FoundTensor['problem'],
  ): void {
    const id = this.entries.length;
    if (id >= LIMITS.entries) throw tooMany(this.options.file, id + 1);
    if (this.repeating > 0) this.repeated++;
    this.options.trace?.entry(id, node, slot);
    const key = raw ?? parts.join('.');
    const path: KeyPath = { parts, kinds, raw };
    this.entries.push({ id, path, key, value, role, roleSource, ...(meta.length > 0 ? { meta } : {}) });
    if (!problem) return;
    const severity = problem.code === 'repeated' || problem.code === 'too-deep' ? 'warning' : 'error';
    if (this.problems.length < LIMITS.problemsPerKind * 10) {
      this.problems.push({ code: problem.code, severity, message: `${key || 'The root'} ${problem.text}.`, entry: id });
    }
  }

  private note(place: Place, info: NodeInfo): void {
    const key = place.parts.join('.');
    this.nodes.set(key, { ...this.nodes.get(key), ...info });
  }

  /** `_metadata` of a state dict: the version of each module. */
  private addModuleMetadata(state: PickleNode | undefined, place: Place): void {
    for (const { path, value, version } of readModuleMetadata(state)) {
      const key = [...place.parts, ...(path === '' ? [] : [path])].join('.');
      this.metadata.push({ section: '_metadata', key, value });
      if (version !== undefined) this.nodes.set(key, { ...this.nodes.get(key), version });
    }
  }
}

const NONE: PickleNode = { kind: 'none' };
/** A buffer that `state_dict()` leaves out; a whole module has it all the same. */
const NON_PERSISTENT: readonly MetaItem[] = [
  { section: 'module', key: 'persistent', value: { kind: 'bool', value: false } },
];

function namesIn(set: PickleNode | undefined): ReadonlySet<string> {
  const node = set && plainNode(set);
  const items = node?.kind === 'set' || node?.kind === 'frozenset' ? node.items : [];
  return new Set(items.flatMap((item) => textOf(item) ?? []));
}

const below = (place: Place, part: PathPart, kind: PartKind, slot?: Slot): Place => ({
  parts: [...place.parts, part],
  kinds: [...place.kinds, kind],
  raw: null,
  ...(slot ? { slot } : {}),
  ...(place.inside ? { inside: place.inside } : {}),
});

/** A key of a state dict: its parts join those above. `raw` is kept where nothing is above. */
function dottedBelow(place: Place, key: string, slot: Slot): Place {
  const { parts, kinds } = dotted.parse(key);
  const isTop = place.parts.length === 0;
  return {
    parts: isTop ? parts : [...place.parts, ...parts],
    kinds: isTop ? kinds : [...place.kinds, ...kinds],
    raw: place.raw === null ? null : key,
    slot,
    ...(place.inside ? { inside: place.inside } : {}),
  };
}

function guessTensorRole(place: Place): Role {
  if (place.inside === 'optimizer') return { role: 'optimizer' };
  if (place.inside === 'options') return { role: 'artifact' };
  const last = place.parts.at(-1);
  if (typeof last !== 'string' || place.kinds.at(-1) === 'key') return { role: 'unknown' };
  return last.endsWith('_extra_state') ? { role: 'extra-state' } : { role: guessRole(last) };
}

const tooMany = (file: string, value: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'entries',
    value,
    max: LIMITS.entries,
    detail: 'too many entries',
  });
