/** The tokeniser of a document: the `tokenizer.json` beside it, or what its metadata have. */
import { StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import { characterTokeniser } from '../../tokens/characters.ts';
import type { Tokeniser } from '../../tokens/tokeniser.ts';
import { readTokenizerJson } from '../../tokens/tokenizer-json.ts';
import type { Document } from '../document.ts';
import { readFacts } from './facts.ts';
import { describeGgufTokeniser, readGgufTokeniser } from './gguf-tokeniser.ts';

/** What the page is told of a tokeniser; names of its tokens are asked for one by one. */
export interface TokeniserFacts {
  readonly kind: Tokeniser['kind'];
  readonly size: number;
  /** Where it lies; absent when it is in the metadata. */
  readonly file?: FileId;
  /** A text that it has tokens for. */
  readonly example: string;
  /** How it cuts texts, as a GGUF file calls it: `qwen2`, `llama`. */
  readonly way?: string;
  /** What had to be assumed of that, as a sentence. */
  readonly assumed?: string;
}

const EXAMPLE = 'The statement ';

/** Read once: a large one takes two seconds. */
const known = new WeakMap<ByteSource, Promise<Tokeniser>>();

/** Undefined when there is none. @throws `malformed`, `unsupported` or `limit` for one that cannot be used; what reading throws. */
export async function readTokeniser(document: Document, signal?: AbortSignal): Promise<Tokeniser | undefined> {
  const file = findTokenizerFile(document);
  if (file !== undefined) return readFrom(document.files.get(file)!, file, signal);
  const { vocabulary } = await readFacts(document, signal);
  return vocabulary ? characterTokeniser(vocabulary) : readGgufTokeniser(document);
}

/** As `readTokeniser`, without the lists of a GGUF file. */
export async function describeTokeniser(document: Document, signal?: AbortSignal): Promise<TokeniserFacts | undefined> {
  const isInMetadata =
    findTokenizerFile(document) === undefined && (await readFacts(document, signal)).vocabulary === undefined;
  const facts = isInMetadata ? await describeGgufTokeniser(document) : undefined;
  if (facts) return { kind: 'gguf', example: EXAMPLE.trim(), ...facts };
  const tokeniser = await readTokeniser(document, signal);
  if (!tokeniser) return undefined;
  const { kind, size } = tokeniser;
  const file = findTokenizerFile(document);
  return { kind, size, ...(file !== undefined && { file }), example: exampleFor(tokeniser) };
}

/** The one of a document that has none. @throws `bad-input` */
export async function requireTokeniser(document: Document, signal?: AbortSignal): Promise<Tokeniser> {
  const tokeniser = await readTokeniser(document, signal);
  if (tokeniser) return tokeniser;
  throw new StateglassError({
    kind: 'bad-input',
    detail: `${document.name} has no tokenizer: there is no tokenizer.json beside it, and no vocabulary in its metadata`,
  });
}

/** The one that came last: one that was dropped on an open model is meant. */
const findTokenizerFile = ({ state, files }: Document): FileId | undefined =>
  state.files.findLast(({ id, part }) => part === 'companion' && isTokenizerFile(id) && files.has(id))?.id;

/** `tokenizer.json`, or as people name it when they have several; not its settings. */
const isTokenizerFile = (id: FileId): boolean => /(^|\/)[^/]*tokenizer[^/]*(?<!_config)\.json$/i.test(id);

async function readFrom(source: ByteSource, file: FileId, signal?: AbortSignal): Promise<Tokeniser> {
  const before = known.get(source);
  if (before) return before;
  if (source.size > LIMITS.tokenizerBytes)
    throw new StateglassError({
      kind: 'limit',
      file,
      limit: 'tokenizerBytes',
      value: source.size,
      max: LIMITS.tokenizerBytes,
      detail: 'the tokenizer is too large',
    });
  const bytes = await source.read(0, source.size, signal);
  throwIfAborted(signal);
  const reading = readTokenizerJson(bytes, file);
  known.set(source, reading);
  return reading;
}

function exampleFor({ kind, encode, name }: Tokeniser): string {
  if (kind !== 'characters') return EXAMPLE.trim();
  const has = (character: string) => {
    try {
      return encode(character).length === 1;
    } catch {
      return false;
    }
  };
  return [...EXAMPLE].filter(has).join('') || (name(0) ?? '');
}
