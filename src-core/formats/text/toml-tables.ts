import type { ArrayNode, Member, ObjectNode, TextNode, TextNote, TextRange, TextSource, TreeGuard } from './tree.ts';

/** A key as written: its parts and where it stands. */
export interface KeyText extends TextRange {
  readonly parts: readonly string[];
  /** Where each part stands, quotes included. */
  readonly places: readonly TextRange[];
}

/** What a part of a key names: its member, and of a list of tables the table that was the last one there. */
export interface KeyStep {
  readonly member: Member;
  readonly node: TextNode;
}

/** A header or a pair as written. A table may come about by many of them. */
export interface TomlStatement extends TextRange {
  readonly kind: 'header' | 'pair';
  /** Where its key is looked up: the root for headers, the table or inline table for pairs. */
  readonly base: Table;
  readonly key: KeyText;
  /** One for each part of the key. */
  readonly steps: readonly KeyStep[];
}

/** A table that a key led to, by which steps. */
interface Reached {
  readonly table: Table;
  readonly steps: readonly KeyStep[];
}

export interface Table extends ObjectNode {
  readonly index: Map<string, Member>;
}

/** A file with more is not looked through by hand. */
const MAX_NOTES = 1000;

/** Where headers and dotted keys lead: tables made on the way, and what TOML forbids to be given twice kept beside it. */
export class TomlTables {
  private readonly source: TextSource;
  private readonly guard: TreeGuard;
  private readonly notes: TextNote[];

  constructor(source: TextSource, guard: TreeGuard, notes: TextNote[]) {
    this.source = source;
    this.guard = guard;
    this.notes = notes;
  }

  make(container: ObjectNode['container'], start: number, end: number): Table {
    this.guard.addNode();
    return { kind: 'object', members: [], container, start, end, index: new Map() };
  }

  /** `[a.b]`: new, or one that so far only had tables below it. */
  open(root: Table, key: KeyText, header: TextRange): Reached {
    const { parent, name, steps } = this.lead(root, key, 'implied table');
    const member = parent.index.get(name);
    const found = member?.value;
    if (member && found && isOpen(found)) {
      if (found.container !== 'implied table') this.noteTwice(key, `The table [${key.parts.join('.')}]`);
      found.container = 'table';
      return { table: found, steps: [...steps, { member, node: found }] };
    }
    const made = this.make('table', header.start, header.end);
    const added = this.add(parent, name, key, made);
    return { table: made, steps: [...steps, { member: added, node: made }] };
  }

  /** `[[a.b]]`: one more table of a list. */
  append(root: Table, key: KeyText, header: TextRange): Reached {
    const { parent, name, steps } = this.lead(root, key, 'implied table');
    const made = this.make('table', header.start, header.end);
    const member = parent.index.get(name);
    const list = member?.value;
    if (member && list?.kind === 'array' && list.container === 'array of tables') {
      list.items.push(made);
      list.end = header.end;
      return { table: made, steps: [...steps, { member, node: made }] };
    }
    this.guard.addNode();
    const { start, end } = header;
    const array: ArrayNode = { kind: 'array', items: [made], container: 'array of tables', start, end };
    const added = this.add(parent, name, key, array);
    return { table: made, steps: [...steps, { member: added, node: made }] };
  }

  /** `a.b = value`. */
  set(into: Table, key: KeyText, value: TextNode): readonly KeyStep[] {
    const { parent, name, steps } = this.lead(into, key, 'dotted keys', value.end);
    return [...steps, { member: this.add(parent, name, key, value), node: value }];
  }

  /** The table the last part of a key belongs to; those on the way grow to `end`. */
  private lead(
    from: Table,
    key: KeyText,
    as: 'implied table' | 'dotted keys',
    end?: number,
  ): { parent: Table; name: string; steps: KeyStep[] } {
    let parent = from;
    const steps: KeyStep[] = [];
    for (const part of key.parts.slice(0, -1)) {
      const { member, table } = this.descend(parent, part, key, as);
      steps.push({ member, node: table });
      parent = table;
      if (end !== undefined) parent.end = end;
    }
    return { parent, name: key.parts.at(-1)!, steps };
  }

  /** The table `name` of `parent`, made when it is not there. A value in its place stays, and a second member of that name begins. */
  private descend(
    parent: Table,
    name: string,
    key: KeyText,
    as: 'implied table' | 'dotted keys',
  ): { member: Member; table: Table } {
    const member = parent.index.get(name);
    const found = member?.value;
    const isList = found?.kind === 'array' && found.container === 'array of tables';
    const value = isList && as === 'implied table' ? found.items.at(-1) : found;
    if (member && value && isOpen(value)) {
      if (as === 'dotted keys' && value.container === 'table') this.noteTwice(key, `The table "${name}"`);
      return { member, table: value };
    }
    const made = this.make(as, key.start, key.end);
    return { member: this.add(parent, name, key, made), table: made };
  }

  private add(parent: Table, name: string, key: KeyText, value: TextNode): Member {
    const duplicate = parent.index.has(name);
    const member = { key: name, keyStart: key.start, keyEnd: key.end, value, duplicate };
    parent.members.push(member);
    parent.index.set(name, member);
    return member;
  }

  private noteTwice(key: KeyText, what: string): void {
    if (this.notes.length === MAX_NOTES) return;
    this.notes.push({
      code: 'duplicate-table',
      severity: 'error',
      message: `${what} is given a second time at line ${this.source.places.line(key.start)}.`,
      advice: 'TOML readers refuse the file: put its keys in one place.',
      offset: key.start,
    });
  }
}

/** A table that later lines may add to: an inline one is closed. */
const isOpen = (node: TextNode): node is Table => node.kind === 'object' && node.container !== 'inline table';
