import type { FoundCut } from './cuts.ts';
import {
  type Fields,
  frameText,
  type GgufFacts,
  type GgufLists,
  indexTokens,
  listWholeTokens,
  when,
} from './vocabulary.ts';

/** BPE over bytes, each written as a character that can be seen: GPT-2 and what came after it. */
export function describeByteLevel({ ids, flags }: GgufFacts, lists: GgufLists, cut: FoundCut): Fields {
  const addsSeparator = flags.add_sep_token ?? cut.addsSeparator ?? false;
  const split = (Regex: string): Fields => ({
    type: 'Split',
    pattern: { Regex },
    behavior: 'Isolated',
    invert: false,
  });
  return {
    added_tokens: listWholeTokens(lists),
    normalizer: cut.composes ? { type: 'NFC' } : null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        ...cut.patterns.map(split),
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        ...(cut.bytePatterns ?? []).map(split),
      ],
    },
    post_processor: frameText(
      lists,
      [when(flags.add_bos_token ?? cut.addsBos ?? false, ids.bos)],
      [when(flags.add_eos_token ?? false, ids.eos), when(addsSeparator, ids.seperator ?? ids.separator)],
    ),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(indexTokens(lists.tokens)),
      merges: lists.merges.map(splitMerge),
      ignore_merges: cut.ignoresMerges ?? false,
    },
  };
}

/** A merge is two tokens with a space between; the first may begin with one. */
export function splitMerge(merge: string): readonly [string, string] {
  const at = merge.indexOf(' ', 1);
  return at < 0 ? [merge, ''] : [merge.slice(0, at), merge.slice(at + 1)];
}
