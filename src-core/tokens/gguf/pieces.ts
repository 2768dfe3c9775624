import { splitMerge } from './byte-level.ts';
import {
  type Fields,
  frameText,
  type GgufFacts,
  type GgufLists,
  indexTokens,
  listWholeTokens,
  TOKEN_TYPES,
  when,
} from './vocabulary.ts';

/** Longer pieces are not put together of shorter ones. Those of CodeLlama have up to 64 characters. */
const LONGEST = 128;

/**
 * BPE over the pieces of sentencepiece, ▁ for a space and `<0x0A>` for what has no piece: Llama 2, Mistral, Gemma. Files of this kind
 * have scores and no merges, so those are made of the vocabulary.
 */
export function describePieces(facts: GgufFacts, given: GgufLists): Fields {
  const { ids, flags, model, family = '' } = facts;
  const isGemma4 = model === 'gemma4';
  const addsSpace = flags.add_space_prefix ?? !isGemma4;
  const lists = { ...given, tokens: given.tokens.map((token, id) => writeSpaces(token, given.types[id])) };
  const vocab = indexTokens(lists.tokens);
  const unknown = ids.unknown ?? 0;
  const space = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  return {
    added_tokens: listWholeTokens(lists),
    normalizer: addsSpace ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, space] } : space,
    pre_tokenizer: null,
    post_processor: frameText(
      lists,
      [when(flags.add_bos_token ?? true, ids.bos ?? (isGemma4 ? undefined : 1))],
      [
        when(flags.add_eos_token ?? false, ids.eos ?? 2),
        when(flags.add_sep_token ?? false, ids.seperator ?? ids.separator),
      ],
    ),
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(addsSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(vocab),
      merges: lists.merges.length > 0 ? lists.merges.map(splitMerge) : findMerges(lists, vocab, family),
      unk_token: lists.tokens[unknown] ?? null,
      fuse_unk: true,
      byte_fallback: vocab.has('<0x00>'),
    },
  };
}

/** What people defined stands in texts as they write it. */
const writeSpaces = (token: string, type: number | undefined): string =>
  type === TOKEN_TYPES.userDefined && /^▁+$/.test(token) ? ' '.repeat(token.length) : token;

/**
 * Each way of putting a piece together of two others, the best piece first. Scores say which is better; those of Gemma do not, and
 * its pieces come in the order in which they were merged.
 */
function findMerges(
  { tokens, types, scores }: GgufLists,
  vocab: ReadonlyMap<string, number>,
  family: string,
): readonly (readonly [string, string])[] {
  const isOrdered = family.startsWith('gemma') || scores.length < tokens.length;
  const pieces = new Map<string, number>();
  for (const [token, id] of vocab) if (isPiece(types[id]) && token.length <= LONGEST) pieces.set(token, id);
  const found: { readonly pair: readonly [string, string]; readonly rank: number }[] = [];
  for (const [token, id] of pieces) {
    const rank = isOrdered ? id : -scores[id]!;
    // Of pairs for the same piece the one whose first part is longer comes first, as conversions have it.
    for (let at = token.length - 1; at > 0; at--) {
      const right = token.slice(at);
      if (!pieces.has(right)) continue;
      const left = token.slice(0, at);
      if (pieces.has(left)) found.push({ pair: [left, right], rank });
    }
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ pair }) => pair);
}

const isPiece = (type: number | undefined): boolean =>
  type === undefined || type === TOKEN_TYPES.normal || type === TOKEN_TYPES.unused;
