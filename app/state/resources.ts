import {
  type BlockDType,
  type BlockScales,
  blockOf,
  type Entry,
  type EntryId,
  type GraphNodeInfo,
  type JsonNode,
  loadBlockScales,
  type MetadataPath,
  type MetaItem,
  type NodeAttribute,
  type PickleReport,
  type Storage,
  type VocabularyFacts,
  type VocabularyToken,
} from '../../src-core/index.ts';
import type { DocumentId, EntryDetail } from '../engine/api.ts';
import type { EncodedText } from '../engine/run-api.ts';
import { engine } from './engine.ts';

/** Enough for stepping through neighbours without asking again; details are small, texts at most megabytes. */
const KEPT = 256;

const kept = new Map<string, Promise<unknown>>();

/**
 * One promise per question, so that React can wait on it. A failed one is forgotten, so that asking again tries again.
 * The oldest are dropped.
 */
function ask<T>(key: string, question: () => Promise<T>): Promise<T> {
  const known = kept.get(key) as Promise<T> | undefined;
  if (known) return known;
  const answer = question();
  kept.set(key, answer);
  answer.catch(() => undefined);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return answer;
}

export const entryDetail = (document: DocumentId, row: EntryId): Promise<EntryDetail> =>
  ask(`${document}/entry/${row}`, () => engine().entry(document, row));

/** The entry before every edit. */
export const entryAsRead = (document: DocumentId, row: EntryId): Promise<Entry | null> =>
  ask(`${document}/as-read/${row}`, () => engine().entryAsRead(document, row));

export interface BlockRange {
  readonly dtype: BlockDType;
  readonly endian: Storage['endian'];
  /** Blocks [from, to) of the storage. */
  readonly from: number;
  readonly to: number;
}

/** Scales of some blocks of a tensor; reads those blocks alone. */
export const blockScales = (
  document: DocumentId,
  row: EntryId,
  blocks: BlockRange,
): Promise<readonly BlockScales[]> => {
  const { dtype, endian, from, to } = blocks;
  const { bytes } = blockOf(dtype);
  return ask(`${document}/blocks/${row}/${from}-${to}`, async () =>
    loadBlockScales(
      dtype,
      await engine().storedBytes({ document, entry: row, start: from * bytes, end: to * bytes }),
      endian,
    ),
  );
};

export const documentMetadata = (document: DocumentId): Promise<readonly MetaItem[]> =>
  ask(`${document}/metadata`, () => engine().metadata(document));

export const metadataAsRead = (document: DocumentId): Promise<readonly MetaItem[]> =>
  ask(`${document}/metadata-as-read`, () => engine().metadataAsRead(document));

export const metadataItems = (
  document: DocumentId,
  path: MetadataPath,
  from: number,
  count: number,
): Promise<readonly JsonNode[]> =>
  ask(`${document}/items/${path.section}/${path.key}/${from}/${count}`, () =>
    engine().metadataItems(document, path, from, count),
  );

export const documentVocabulary = (document: DocumentId): Promise<VocabularyFacts | null> =>
  ask(`${document}/vocabulary`, () => engine().vocabulary(document));

export const vocabularyTokens = (
  document: DocumentId,
  from: number,
  count: number,
): Promise<readonly VocabularyToken[]> =>
  ask(`${document}/vocabulary/${from}/${count}`, () => engine().vocabularyTokens(document, from, count));

export const searchTokens = (document: DocumentId, text: string): Promise<readonly number[]> =>
  ask(`${document}/search-tokens/${text}`, () => engine().searchVocabulary(document, text));

export const documentPickle = (document: DocumentId): Promise<PickleReport | null> =>
  ask(`${document}/pickle`, () => engine().pickle(document));

export const graphNodes = (document: DocumentId): Promise<readonly GraphNodeInfo[]> =>
  ask(`${document}/nodes`, () => engine().graphNodes(document));

export const nodeAttributes = (document: DocumentId, node: number): Promise<readonly NodeAttribute[]> =>
  ask(`${document}/node/${node}`, () => engine().nodeAttributes(document, node));

export const companionText = (document: DocumentId, file: string): Promise<string> =>
  ask(`${document}/companion/${file}`, () => engine().companion(document, file));

export const encodedText = (document: DocumentId, text: string): Promise<EncodedText> =>
  ask(`${document}/tokens/${text}`, () => engine().encodeText(document, text));

export const tokenNames = (document: DocumentId, ids: readonly number[]): Promise<readonly (string | null)[]> =>
  ask(`${document}/token-names/${ids.join()}`, () => engine().tokenNames(document, ids));

/** Forgets what is known of a document: it was closed, or a person asks to try again. */
export function forget(document: DocumentId): void {
  for (const key of kept.keys()) if (key.startsWith(`${document}/`)) kept.delete(key);
}
