import { type Fields, frameText, type GgufFacts, type GgufLists, listWholeTokens, when } from './vocabulary.ts';

/** The likeliest pieces of sentencepiece: T5, XLM-RoBERTa. */
export function describeUnigram({ ids, flags, hasCharacterTable }: GgufFacts, lists: GgufLists): Fields {
  const scheme = (flags.add_space_prefix ?? true) ? 'always' : 'never';
  const space = { type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split: true };
  const joins = flags.remove_extra_whitespaces ?? true;
  return {
    added_tokens: listWholeTokens(lists),
    normalizer: hasCharacterTable ? { type: 'Precompiled', precompiled_charsmap: null } : null,
    pre_tokenizer: joins ? { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, space] } : space,
    post_processor: frameText(
      lists,
      [when(flags.add_bos_token ?? false, ids.bos)],
      [when(flags.add_eos_token ?? true, ids.eos ?? 1), when(flags.add_sep_token ?? false, ids.seperator)],
    ),
    decoder: space,
    model: {
      type: 'Unigram',
      unk_id: ids.unknown ?? 2,
      vocab: lists.tokens.map((token, id) => [token, lists.scores[id] ?? 0]),
    },
  };
}
