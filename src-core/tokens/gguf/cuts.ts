/**
 * How texts are cut before they become tokens, by the names of `tokenizer.ggml.pre`. The patterns are those of the models' own
 * `tokenizer.json`; which name stands for which is decided by llama.cpp (`llama_vocab::impl::load`).
 */
import type { GgufFacts } from './vocabulary.ts';

/** A way of cutting. */
export interface Cut {
  /** Patterns that each cut what the one before left, in the text. */
  readonly patterns: readonly string[];
  /** Patterns that cut what is written as bytes by then. */
  readonly bytePatterns?: readonly string[];
  /** A word that is a token needs no merges. */
  readonly ignoresMerges?: true;
  /** Whether a text begins with a token of its own, where the file does not say. */
  readonly addsBos?: true;
  /** Whether a text ends with the separator, where the file does not say. */
  readonly addsSeparator?: true;
  /** Letters and their marks are composed first. */
  readonly composes?: true;
}

export interface FoundCut extends Cut {
  /** What had to be assumed, as a sentence. */
  readonly assumed?: string;
}

const ENGLISH = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const BLANKS = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
/** Of GPT-4, with so many digits at once. */
const gpt4 = (digits: string): string =>
  `${ENGLISH}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${BLANKS}`;
const LLAMA3 = gpt4('\\p{N}{1,3}');
const QWEN2 = gpt4('\\p{N}');
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
/** Of GPT-4o: words end where small letters are followed by large ones. */
const gpt4o = (ending: string, digits: string): string =>
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+${ending}|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*${ending}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${BLANKS}`;
const GPT4O = gpt4o(`${ENGLISH}?`, '\\p{N}{1,3}');
const BLOOM = ' ?[^(\\s|[.,!?…。，、।۔،])]+';
const IDEOGRAPHS = '[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+';
const OLD_IDEOGRAPHS = '[\\u4e00-\\u9fa5\\u0800-\\u4e00\\uac00-\\ud7ff]+';
const DEEPSEEK3 =
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
/** Letters that have a case, as the first DeepSeek lists them. */
const CASED =
  'A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\\u1f7dᾀ-ᾴᾶ-ᾼ\\u1fbeῂ-ῄῆ-ῌῐ-\\u1fd3ῖ-\\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\\u2126ℨ\\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃';

const gpt2: Cut = { patterns: [GPT2] };
const composedGpt2: Cut = { patterns: [GPT2], composes: true };
const roberta: Cut = { patterns: [GPT2], addsSeparator: true };
const llama3: Cut = { patterns: [LLAMA3], ignoresMerges: true, addsBos: true };
const plainLlama3: Cut = { patterns: [LLAMA3] };
const qwen2: Cut = { patterns: [QWEN2], composes: true };
const plainQwen2: Cut = { patterns: [QWEN2] };
const starcoder: Cut = { patterns: ['\\p{N}', GPT2] };
const gpt4oCut: Cut = { patterns: [GPT4O] };
const deepseek3: Cut = { patterns: ['\\p{N}{1,3}', IDEOGRAPHS, DEEPSEEK3] };
const bloom: Cut = { patterns: [BLOOM] };
const bailing: Cut = {
  patterns: [
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
  ],
};

const CUTS: ReadonlyMap<string, Cut> = new Map<string, Cut>([
  ...spread(
    gpt2,
    'gpt-2 phi-2 jina-es jina-de jina-v2-es jina-v2-de gigachat a.x-4.0 mellum jais trillion granite-docling exaone4',
  ),
  ...spread(composedGpt2, 'mpt olmo modern-bert'),
  ...spread(roberta, 'roberta-bpe jina-v1-en jina-v2-code'),
  ...spread(llama3, 'llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano'),
  ...spread(plainLlama3, 'dbrx smaug-bpe chatglm-bpe glm4'),
  ...spread(qwen2, 'qwen2 megrez'),
  ...spread(plainQwen2, 'deepseek-r1-qwen kormo f2llmv2 stablelm2 hunyuan solar-open grok-2'),
  ...spread(starcoder, 'starcoder refact smollm codeshell exaone minerva-7b mellum2'),
  ...spread({ ...starcoder, composes: true }, 'command-r'),
  ...spread(gpt4oCut, 'gpt-4o llama4 kanana2 talkie minimax-m2'),
  ...spread(deepseek3, 'deepseek-v3 hunyuan-dense joyai-llm hy_v4'),
  ...spread(bloom, 'bloom poro-chat gpt3-finnish'),
  ...spread(bailing, 'bailingmoe bailingmoe2 llada-moe'),
  ['viking', { patterns: [BLOOM, '\\p{N}'] }],
  ['tekken', { patterns: [gpt4o('', '\\p{N}')], ignoresMerges: true, addsBos: true }],
  [
    'qwen35',
    {
      patterns: [
        `${ENGLISH}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${BLANKS}`,
      ],
      composes: true,
    },
  ],
  [
    'seed-coder',
    { patterns: [`${ENGLISH}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|${BLANKS}`] },
  ],
  ['minicpm5', { patterns: ['\\p{N}{1,3}', gpt4('\\p{N}+')], ignoresMerges: true }],
  ['tiny_aya', { patterns: ['\\d{1,3}(?=(?:\\d{3})*\\b)', GPT4O] }],
  ['cohere2moe', { patterns: ['\\d{1,3}(?=(?:\\d{3})*\\b)', GPT4O] }],
  ['laguna', { patterns: ['[^\\n]+|[\\n]+', QWEN2] }],
  [
    'deepseek-llm',
    {
      patterns: [
        '[\\r\\n]',
        `\\s?[${CASED}]+`,
        '\\s?[!-/:-~！-／：-～‘-‟\\u3000-。]+',
        '\\s+$',
        OLD_IDEOGRAPHS,
        '\\p{N}+',
      ],
    },
  ],
  ['deepseek-coder', { patterns: ['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', OLD_IDEOGRAPHS, '\\p{N}'] }],
  // Its digits are counted in what is bytes by then.
  ['falcon', { patterns: ['[\\p{P}$+<=>^~|`]+', GPT2], bytePatterns: ['\\p{N}+', '[0-9][0-9][0-9]'] }],
  ['default', { patterns: ['[\\p{P}$+<=>^~|]+', GPT2, '\\p{N}+', '[0-9][0-9][0-9]'] }],
]);

/** What models of a family are cut by when their file does not say: the first files did not. */
const FAMILIES: Readonly<Record<string, string>> = {
  llama: 'llama-bpe',
  gpt2: 'gpt-2',
  phi2: 'gpt-2',
  gptneox: 'olmo',
  mpt: 'mpt',
  olmo: 'olmo',
  olmo2: 'olmo',
  falcon: 'falcon',
  bloom: 'bloom',
  starcoder: 'starcoder',
  starcoder2: 'starcoder',
  refact: 'refact',
  codeshell: 'codeshell',
  'command-r': 'command-r',
  stablelm: 'stablelm2',
  qwen: 'qwen2',
  qwen2: 'qwen2',
  qwen2moe: 'qwen2',
  qwen3: 'qwen2',
  qwen3moe: 'qwen2',
  deepseek2: 'deepseek-v3',
};

/** Most vocabularies of the last years are cut in this way, or nearly so. */
const USUAL = 'llama-bpe';

/** The way of cutting that a file asks for; the one of its family, or the usual one, with a sentence on it, where it is not known. */
export function findCut({ pre, family }: Pick<GgufFacts, 'pre' | 'family'>): FoundCut {
  const known = pre === undefined ? undefined : CUTS.get(pre);
  if (known) return known;
  const own = Object.hasOwn(FAMILIES, family ?? '') ? FAMILIES[family as string] : undefined;
  const { patterns, bytePatterns, composes, addsBos, ignoresMerges } = CUTS.get(own ?? USUAL) as Cut;
  const why =
    pre === undefined
      ? 'The file does not say how its texts are cut (tokenizer.ggml.pre)'
      : `How ${JSON.stringify(pre)} cuts texts (tokenizer.ggml.pre) is not known here`;
  return {
    patterns,
    ...(bytePatterns && { bytePatterns }),
    ...(composes && { composes }),
    ...(own !== undefined && addsBos && { addsBos }),
    ...(own !== undefined && ignoresMerges && { ignoresMerges }),
    assumed: `${why}: they are cut as ${JSON.stringify(own ?? USUAL)} does, so some tokens may not be the model's own`,
  };
}

function spread(cut: Cut, names: string): readonly (readonly [string, Cut])[] {
  return names.split(' ').map((name) => [name, cut]);
}
