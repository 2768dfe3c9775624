/** The tokenizer that a GGUF file carries in its metadata. */
import { throwIfAborted } from '../base/errors.ts';
import type { JsonNode, MetaItem } from '../model/state-dict.ts';
import { nameToken, type TokenSpelling } from '../tokens/token-names.ts';
import type { Document } from './document.ts';
import { countItems, readMetadataItems } from './metadata-lists.ts';

const PREFIX = 'tokenizer.ggml.';
/** Tokens looked at together. */
const STEP = 10_000;
/** Tokens that a search lists. */
const MOST_FOUND = 10_000;

/** `llama_token_type` of llama.cpp, by its number. */
const TYPES = ['undefined', 'normal', 'unknown', 'control', 'user defined', 'unused', 'byte'] as const;
export type TokenType = (typeof TYPES)[number];

export interface VocabularyFacts {
  /** `gpt2`, `llama`, `bert`… as llama.cpp names the way of cutting texts, and how texts are cut before that. */
  readonly model?: string;
  readonly pre?: string;
  readonly tokens: number;
  readonly merges: number;
  readonly special: readonly SpecialToken[];
  /** What is said of tokens that are added by themselves: `add_bos_token`. */
  readonly flags: readonly { readonly name: string; readonly value: boolean }[];
  readonly hasScores: boolean;
  readonly hasTypes: boolean;
}

export interface SpecialToken {
  /** `bos`, `eos`, `padding`… */
  readonly name: string;
  readonly id: number;
  /** Absent for a number that no token has. */
  readonly token?: string;
}

export interface VocabularyToken {
  readonly id: number;
  /** As it is stored. */
  readonly token: string;
  /** The text that it stands for, where that is another. */
  readonly text?: string;
  readonly score?: string;
  readonly type?: TokenType;
}

/** Undefined for a document whose metadata have no tokenizer. Reads the tokens that are special. */
export async function describeVocabulary(document: Document): Promise<VocabularyFacts | undefined> {
  const items = tokenizerItems(document);
  const tokens = items.get('tokens');
  if (items.size === 0) return undefined;
  const count = tokens ? countItems(tokens) : 0;
  const special: SpecialToken[] = [];
  const flags: { name: string; value: boolean }[] = [];
  for (const [name, { value }] of items) {
    if (value.kind === 'bool') flags.push({ name, value: value.value });
    const said = /^(.+)_token_id$/.exec(name)?.[1];
    if (said === undefined || value.kind !== 'number') continue;
    const id = Number(value.lexeme);
    const [node] = tokens && id >= 0 && id < count ? await readMetadataItems(document, tokens, id, 1) : [];
    special.push({ name: said, id, ...(node?.kind === 'string' && { token: node.value }) });
  }
  const [model, pre] = [textOf(items.get('model')), textOf(items.get('pre'))];
  return {
    ...(model !== undefined && { model }),
    ...(pre !== undefined && { pre }),
    tokens: count,
    merges: countOf(items.get('merges')),
    special,
    flags,
    hasScores: countOf(items.get('scores')) > 0,
    hasTypes: countOf(items.get('token_type')) > 0,
  };
}

/** Tokens [from, from + count), at most 10,000; fewer at the end. */
export async function readVocabulary(
  document: Document,
  from: number,
  count: number,
): Promise<readonly VocabularyToken[]> {
  const items = tokenizerItems(document);
  const page = async (name: string): Promise<readonly JsonNode[]> => {
    const item = items.get(name);
    return item && countItems(item) > 0 ? readMetadataItems(document, item, from, count) : [];
  };
  const [tokens, scores, types] = await Promise.all([page('tokens'), page('scores'), page('token_type')]);
  const spelling = spellingOf(textOf(items.get('model')));
  return tokens.map((node, i) => {
    const token = node.kind === 'string' ? node.value : '';
    const [score, type] = [scores[i], types[i]];
    const name = type?.kind === 'number' ? TYPES[Number(type.lexeme)] : undefined;
    const text = name === undefined || name === 'normal' ? nameToken(token, spelling) : token;
    return {
      id: from + i,
      token,
      ...(text !== token && { text }),
      ...(score?.kind === 'number' && { score: score.lexeme }),
      ...(name !== undefined && { type: name }),
    };
  });
}

/** Numbers of the tokens in which a text occurs, as they are stored or as what they stand for; the first 10,000. */
export async function searchVocabulary(
  document: Document,
  text: string,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const items = tokenizerItems(document);
  const count = countOf(items.get('tokens'));
  const wanted = text.toLowerCase();
  const found: number[] = [];
  for (let from = 0; from < count; from += STEP) {
    throwIfAborted(signal);
    for (const { id, token, text: shown } of await readVocabulary(document, from, STEP)) {
      if (![token, shown ?? ''].some((word) => word.toLowerCase().includes(wanted))) continue;
      if (found.push(id) === MOST_FOUND) return found;
    }
  }
  return found;
}

/** Vocabularies of GPT-2's kind write each byte as a character; SentencePiece writes a space as ▁. */
const spellingOf = (model: string | undefined): TokenSpelling =>
  model === 'gpt2' ? 'bytes' : model === 'llama' || model === 't5' ? 'pieces' : 'plain';

/** By name, without what all their keys begin with. */
export const tokenizerItems = ({ state }: Document): ReadonlyMap<string, MetaItem> =>
  new Map(
    state.metadata.flatMap((item) => (item.key.startsWith(PREFIX) ? [[item.key.slice(PREFIX.length), item]] : [])),
  );

const countOf = (item: MetaItem | undefined): number => (item ? countItems(item) : 0);
const textOf = (item: MetaItem | undefined): string | undefined =>
  item?.value.kind === 'string' ? item.value.value : undefined;
