/** The tokeniser in the metadata of a GGUF file. Its lists, which may have 250,000 items, are read when the first text needs them. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { JsonNode, MetaItem } from '../../model/state-dict.ts';
import type { GgufPlan } from '../../tokens/gguf/read.ts';
import type { GgufFacts, GgufLists } from '../../tokens/gguf/vocabulary.ts';
import type { Tokeniser } from '../../tokens/tokeniser.ts';
import type { Document } from '../document.ts';
import { countItems, readMetadataItems } from '../metadata-lists.ts';
import { tokenizerItems } from '../vocabulary.ts';

/** What can be said of it before it is read. */
export interface GgufTokeniserFacts {
  readonly size: number;
  /** The way of cutting texts, as the file calls it: `qwen2`, `llama`. */
  readonly way: string;
  /** What has to be assumed of it, as a sentence. */
  readonly assumed?: string;
}

/** Items read at once. */
const PAGE = 10_000;
/** Under which names the lists are kept. */
const NAMES: Readonly<Record<keyof GgufLists, string>> = {
  tokens: 'tokens',
  types: 'token_type',
  scores: 'scores',
  merges: 'merges',
};

/** Read once: of a large one some seconds. Metadata that are edited are others. */
const known = new WeakMap<readonly MetaItem[], Promise<Tokeniser | undefined>>();

/** Undefined where the metadata have none. @throws `unsupported` for kinds that are not known here. */
export async function describeGgufTokeniser(document: Document): Promise<GgufTokeniserFacts | undefined> {
  const found = await planTokeniser(document);
  if (!found) return undefined;
  const { way, assumed } = found.plan;
  return { size: countItems(found.items.get('tokens')!), way, ...(assumed !== undefined && { assumed }) };
}

/** As `describeGgufTokeniser`. @throws `limit` for one that is too large; what reading throws. */
export function readGgufTokeniser(document: Document): Promise<Tokeniser | undefined> {
  const { metadata } = document.state;
  const before = known.get(metadata);
  if (before) return before;
  const reading = planTokeniser(document).then((found) => found && read(document, found));
  known.set(metadata, reading);
  // What could not be read now may be read later.
  reading.catch(() => known.delete(metadata));
  return reading;
}

interface Found {
  readonly items: ReadonlyMap<string, MetaItem>;
  readonly plan: GgufPlan;
  readonly file: string;
}

async function planTokeniser(document: Document): Promise<Found | undefined> {
  const items = tokenizerItems(document);
  const facts = factsOf(document, items);
  if (!facts) return undefined;
  const file = document.state.files.find(({ part }) => part === 'model')?.id ?? document.name;
  const { planGguf } = await import('../../tokens/gguf/read.ts');
  return { items, plan: planGguf(facts, file), file };
}

function factsOf({ state }: Document, items: ReadonlyMap<string, MetaItem>): GgufFacts | undefined {
  const model = textOf(items.get('model')?.value);
  if (model === undefined || !items.has('tokens')) return undefined;
  const pre = textOf(items.get('pre')?.value);
  const family = textOf(state.metadata.find(({ key }) => key === 'general.architecture')?.value);
  const ids: Record<string, number> = {};
  const flags: Record<string, boolean> = {};
  for (const [name, { value }] of items) {
    const id = /^(.+)_token_id$/.exec(name)?.[1];
    if (id !== undefined && value.kind === 'number') ids[id] = Number(value.lexeme);
    if (value.kind === 'bool') flags[name] = value.value;
  }
  return {
    model,
    ...(pre !== undefined && { pre }),
    ...(family !== undefined && { family }),
    ids,
    flags,
    hasCharacterTable: items.has('precompiled_charsmap'),
  };
}

async function read(document: Document, { items, plan, file }: Found): Promise<Tokeniser> {
  const needed = plan.needs.flatMap((name) => items.get(NAMES[name]) ?? []);
  const bytes = needed.reduce((sum, { list }) => sum + (list?.bytes.length ?? 0), 0);
  const max = LIMITS.tokenizerBytes;
  if (bytes > max) {
    const detail = 'the tokenizer is too large';
    throw new StateglassError({ kind: 'limit', file, limit: 'tokenizerBytes', value: bytes, max, detail });
  }
  const list = async <T>(name: keyof GgufLists, take: (node: JsonNode) => T): Promise<T[]> =>
    plan.needs.includes(name) ? readList(document, items.get(NAMES[name]), take) : [];
  const lists: GgufLists = {
    tokens: await list('tokens', (node) => textOf(node) ?? ''),
    types: await list('types', numberOf),
    scores: await list('scores', numberOf),
    merges: await list('merges', (node) => textOf(node) ?? ''),
  };
  const { makeGgufTokeniser } = await import('../../tokens/gguf/read.ts');
  return makeGgufTokeniser(plan, lists, file);
}

async function readList<T>(document: Document, item: MetaItem | undefined, take: (node: JsonNode) => T): Promise<T[]> {
  const found: T[] = [];
  const count = item ? countItems(item) : 0;
  while (item && found.length < count) {
    const nodes = await readMetadataItems(document, item, found.length, PAGE);
    if (nodes.length === 0) break;
    for (const node of nodes) found.push(take(node));
  }
  return found;
}

const textOf = (node: JsonNode | undefined): string | undefined => (node?.kind === 'string' ? node.value : undefined);
/** Scores are kept as f32. */
const numberOf = (node: JsonNode): number => (node.kind === 'number' ? Math.fround(Number(node.lexeme)) : 0);
