/** What a file says of its model beside the weights. */
import type { Facts } from '../../graph/assumptions.ts';
import { writeJson } from '../../model/json-write.ts';
import type { MetaItem } from '../../model/state-dict.ts';
import type { Document } from '../document.ts';
import { countItems } from '../metadata-lists.ts';
import { readConfig } from '../read-config.ts';
import { readVocabulary } from '../vocabulary.ts';
import { readGgufConfig } from './gguf-facts.ts';

export interface RunFacts extends Facts {
  /** Names of the classes, by index. */
  readonly labels?: readonly string[];
  /** Token i is the text i: a vocabulary of characters in the metadata. */
  readonly vocabulary?: readonly string[];
}

/**
 * The config that lies beside the file, or in its metadata, as JSON or as those of GGUF; the printed module (`repr(model)`), class labels and a
 * vocabulary of characters, where the metadata has them.
 */
export async function readFacts(document: Document, signal?: AbortSignal): Promise<RunFacts> {
  const { metadata } = document.state;
  const config =
    asObject(metadataValue(metadata, 'config')) ??
    (await readConfig(document, signal))?.fields ??
    (document.state.format === 'gguf' ? readGgufConfig(document.state) : undefined);
  const printed = metadataValue(metadata, 'architecture');
  const labels = asTexts(metadataValue(metadata, 'labels')) ?? labelsOf(config);
  const vocabulary = asTexts(metadataValue(metadata, 'vocab')) ?? (await readCharacters(document));
  return {
    ...(config && { config }),
    ...(typeof printed === 'string' && /^\w+\(/.test(printed) && { printed }),
    ...(labels && { labels }),
    ...(vocabulary && { vocabulary }),
  };
}

/** A metadata value as plain JSON; a text that is JSON itself is read once more. */
function metadataValue(metadata: readonly MetaItem[], key: string): unknown {
  const item = metadata.find((candidate) => candidate.key === key);
  if (!item) return undefined;
  const value: unknown = JSON.parse(writeJson(item.value));
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

const asTexts = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string') ? value : undefined;

/** `id2label` of transformers. */
function labelsOf(config: Readonly<Record<string, unknown>> | undefined): readonly string[] | undefined {
  const table = asObject(config?.id2label);
  if (!table) return undefined;
  const labels = Array.from({ length: Object.keys(table).length }, (_, i) => table[i]);
  return asTexts(labels);
}

/** More tokens than this are no alphabet. */
const MOST_CHARACTERS = 1000;
/** Tokens looked at together. */
const STEP = 256;

/** The vocabulary of a GGUF whose tokens are single characters, as they are in text. */
async function readCharacters(document: Document): Promise<readonly string[] | undefined> {
  const tokens = document.state.metadata.find(({ key }) => key === 'tokenizer.ggml.tokens');
  const count = tokens ? countItems(tokens) : 0;
  if (count === 0 || count > MOST_CHARACTERS) return undefined;
  const texts: string[] = [];
  while (texts.length < count) {
    const page = await readVocabulary(document, texts.length, STEP);
    const found = page.map(({ token, text }) => text ?? token);
    if (found.length === 0 || found.some((text) => [...text].length !== 1)) return undefined;
    texts.push(...found);
  }
  return texts;
}
