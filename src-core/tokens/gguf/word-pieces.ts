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

/** WordPiece of BERT. GGUF writes ▁ where a word begins instead of ## where it goes on. */
export function describeWordPieces({ ids, flags }: GgufFacts, given: GgufLists): Fields {
  const lists = { ...given, tokens: given.tokens.map((token, id) => writeContinuation(token, given.types[id])) };
  const vocab = indexTokens(lists.tokens);
  const unknown = lists.tokens[ids.unknown ?? vocab.get('[UNK]') ?? 100] ?? '[UNK]';
  return {
    added_tokens: listWholeTokens(lists),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: flags['normalizer.strip_accents'] ?? null,
      lowercase: flags['normalizer.lowercase'] ?? !hasLargeLetters(lists),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: frameText(
      lists,
      [when(flags.add_bos_token ?? true, ids.cls ?? ids.bos ?? vocab.get('[CLS]'))],
      [
        when(flags.add_eos_token ?? false, ids.eos),
        when(flags.add_sep_token ?? true, ids.seperator ?? ids.separator ?? vocab.get('[SEP]')),
      ],
    ),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      vocab: Object.fromEntries(vocab),
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
  };
}

function writeContinuation(token: string, type: number | undefined): string {
  if (token.startsWith('▁')) return token.slice(1);
  const isWhole = type === TOKEN_TYPES.control || type === TOKEN_TYPES.unknown || /^\[.+\]$/.test(token);
  return isWhole ? token : `##${token}`;
}

/** Few files say whether letters are lowered; vocabularies of lowered texts have no large ones. */
const hasLargeLetters = ({ tokens }: GgufLists): boolean => tokens.some((token) => /^(##)?[A-Z][a-z]*$/.test(token));
