import { listEntries } from '../../model/entries.ts';
import type { Entry, EntryId, JsonNode, MetaItem, Problem, ShareGroup, StateDict } from '../../model/state-dict.ts';
import { listStorages } from '../../model/storages.ts';
import type { ReadContext, ReadResult } from '../format.ts';
import type { DecodedText } from './decode.ts';
import type { Interpreted } from './interpret.ts';
import { findSecret } from './secrets.ts';
import { byteOffset, type ScannedText, type TextRange, type TextSource } from './tree.ts';
import type { Draft } from './walk.ts';

export interface TextDocument {
  readonly format: 'json' | 'toml' | 'yaml' | 'text';
  readonly decoded: DecodedText;
  readonly scanned: Omit<ScannedText, 'root'>;
  readonly meaning: Interpreted;
}

/** Puts entries, problems and metadata together. */
export function makeState(context: ReadContext, document: TextDocument): ReadResult {
  const { decoded, scanned, meaning, format } = document;
  const problems = new ProblemList();
  for (const note of [...decoded.notes, ...scanned.notes]) {
    const { offset, ...problem } = note;
    const at = byteOffset(decoded.source, offset);
    problems.add(note.code, () => ({ ...problem, file: context.id, ...(at === undefined ? {} : { at }) }));
  }
  for (const problem of meaning.problems) problems.add(problem.code, () => ({ ...problem, file: context.id }));

  const owned = ownComments(decoded.source, scanned.comments, meaning.drafts);
  const secrets = new Set<EntryId>();
  const nones: { key: string; id: EntryId }[] = [];
  const entries = meaning.drafts.map((draft, id): Entry => {
    const { path, value, role, roleSource } = draft;
    const key = draft.key ?? path.raw ?? path.parts.join('.');
    const said = [...(scanned.declared?.get(draft.node) ?? []), ...(owned.byEntry.get(id) ?? [])];
    const meta = said.length > 0 ? said : undefined;
    const { duplicate } = draft;
    if (duplicate) problems.add('duplicate-key', () => describeDuplicate(document, duplicate, id));
    const secret =
      problems.count('secret') < MAX_SECRETS ? findSecret(String(path.parts.at(-1) ?? ''), value) : undefined;
    if (secret) {
      secrets.add(id);
      problems.add('secret', () => describeSecret(key + secret.where, secret.what, id));
    }
    if (format === 'toml' && holdsNone(value)) nones.push({ key, id });
    return { id, path, key, value, role, roleSource, ...(meta ? { meta } : {}) };
  });

  if (nones.length > 0) problems.add('toml-none', () => describeNones(nones));
  const list = problems.finish();
  const shares = groupCopies(meaning.drafts, scanned.copies);
  const state: StateDict = {
    format,
    dialect: meaning.dialect,
    layout: meaning.layout,
    entries: listEntries(entries, { problems: list, shares, isSecret: (entry) => secrets.has(entry.id) }),
    storages: listStorages([]),
    nodes: meaning.nodes,
    shares,
    metadata: [...meaning.metadata, ...owned.rest, ...decoded.layout],
    problems: list,
    files: [{ id: context.id, name: context.source.name, size: context.source.size, part: 'model' }],
  };
  return { state, used: [context.id] };
}

/** A file with a thousand secrets is a list of tokens; the first ones say so. */
const MAX_SECRETS = 200;
const MAX_OF_A_CODE = 1000;

/** Problems in the order they were met, at most so many of a kind. */
class ProblemList {
  private readonly list: Problem[] = [];
  private readonly counts = new Map<string, number>();

  count(code: string): number {
    return this.counts.get(code) ?? 0;
  }

  add(code: string, describe: () => Problem): void {
    const count = this.count(code) + 1;
    this.counts.set(code, count);
    if (count <= MAX_OF_A_CODE) this.list.push(describe());
  }

  finish(): readonly Problem[] {
    for (const [code, count] of this.counts) {
      const severity = this.list.find((problem) => problem.code === code)?.severity ?? 'note';
      const more = count - MAX_OF_A_CODE;
      if (more > 0) this.list.push({ code, severity, message: `There are ${more} more of these.` });
    }
    return this.list;
  }
}

const DUPLICATES: Readonly<Record<TextDocument['format'], string>> = {
  json: 'Readers keep only the last one: remove the others.',
  text: '',
  toml: 'TOML readers refuse the file: remove one.',
  yaml: 'PyYAML keeps only the last one, and other readers refuse the file: remove the others.',
};

/** Entries that are one value in the text: the one that is written out, and those that stand for it. */
function groupCopies(drafts: readonly Draft[], copies: ScannedText['copies']): ShareGroup[] {
  if (!copies?.size) return [];
  const owners = new Map(drafts.map(({ node }, id) => [node, id]));
  const groups = new Map<EntryId, EntryId[]>();
  for (const [id, { node }] of drafts.entries()) {
    const original = copies.get(node);
    const owner = original && owners.get(original);
    if (owner === undefined) continue;
    const aliases = groups.get(owner) ?? [];
    groups.set(owner, aliases);
    aliases.push(id);
  }
  return [...groups].map(([owner, aliases]) => ({ kind: 'reference', owner, aliases }));
}

function describeDuplicate(
  { decoded, format }: TextDocument,
  { key, start }: { key: string; start: number },
  entry: EntryId,
): Problem {
  const at = byteOffset(decoded.source, start);
  return {
    code: 'duplicate-key',
    severity: format === 'toml' ? 'error' : 'warning',
    message: `The key "${key}" is given again at line ${decoded.source.places.line(start)}.`,
    advice: DUPLICATES[format],
    entry,
    ...(at === undefined ? {} : { at }),
  };
}

function describeSecret(where: string, what: string, entry: EntryId): Problem {
  return {
    code: 'secret',
    severity: 'warning',
    message: `The value of "${where}" looks like ${what}.`,
    advice: 'Take it out before the file is shared, and replace the credential if it already was.',
    entry,
  };
}

/** One note for all: a file that msgflux wrote is full of them. */
function describeNones(nones: readonly { key: string; id: EntryId }[]): Problem {
  const [first] = nones;
  const shown = nones.slice(0, 3).map(({ key }) => `"${key}"`);
  const others = nones.length - shown.length;
  const names = others > 0 ? `${shown.join(', ')} and ${others} more` : shown.join(', ');
  return {
    code: 'toml-none',
    severity: 'note',
    message: `${names} ${nones.length > 1 ? 'hold' : 'holds'} the text "None".`,
    advice: 'TOML has no null, so msgflux writes it as this text and reads every such text back as None.',
    ...(nones.length === 1 && first ? { entry: first.id } : {}),
  };
}

function holdsNone(value: Entry['value']): boolean {
  if (value.type === 'text') return value.text === 'None';
  return value.type === 'json' && nodeHoldsNone(value.json);
}

function nodeHoldsNone(node: JsonNode): boolean {
  if (node.kind === 'string') return node.value === 'None';
  if (node.kind === 'array') return node.items.some(nodeHoldsNone);
  return node.kind === 'object' && node.members.some(([, value]) => nodeHoldsNone(value));
}

/** Comments right above an entry or behind it belong to it; the others to the file. */
function ownComments(
  { text, places }: TextSource,
  comments: readonly TextRange[],
  drafts: readonly Draft[],
): { byEntry: Map<EntryId, MetaItem[]>; rest: MetaItem[] } {
  const byEntry = new Map<EntryId, MetaItem[]>();
  if (comments.length === 0) return { byEntry, rest: [] };
  const lineOf = (offset: number) => places.line(offset);
  const beginning = new Map<number, EntryId>();
  const ending = new Map<number, EntryId>();
  for (const [id, draft] of drafts.entries()) {
    const line = lineOf(draft.start);
    if (!beginning.has(line)) beginning.set(line, id);
    ending.set(lineOf(draft.node.end), id);
  }
  const rest: MetaItem[] = [];
  // From the end, so that a block of comment lines hands its entry up line by line.
  for (const comment of comments.toReversed()) {
    const line = lineOf(comment.start);
    const isAlone = text.slice(places.lineStart(comment.start), comment.start).trim() === '';
    const owner = isAlone ? beginning.get(lineOf(comment.end) + 1) : ending.get(line);
    if (isAlone && owner !== undefined) beginning.set(line, owner);
    const item = (section: string, key: string): MetaItem => ({
      section,
      key,
      value: { kind: 'string', value: text.slice(comment.start, comment.end) },
    });
    if (owner === undefined) rest.unshift(item('comments', `line ${line}`));
    else byEntry.set(owner, [item('comment', isAlone ? 'above' : 'behind'), ...(byEntry.get(owner) ?? [])]);
  }
  return { byEntry, rest };
}
