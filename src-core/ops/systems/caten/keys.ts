import { type Datum, isDict, isList, type List } from '../data.ts';
import { showValue } from '../python-repr.ts';
import { badInput } from '../raise.ts';

export type KeyMapper = (path: List) => string;

/** `pytorch-style-dict-key`: parts in lower case with dots between them, then every `-` of the key a `_`. */
export const pytorchStyleKey: KeyMapper = (path) =>
  path
    .map((part) => showPart(part).toLowerCase())
    .join('.')
    .replaceAll('-', '_');

const showPart = (part: Datum): string => (typeof part === 'string' ? part : showValue(part));

/** A mapper said in data: `"pytorch-style-dict-key"`, or `{"join": "/", "case": "upper", "hyphen": "_"}`. */
export function readKeyMapper(datum: Datum | undefined): KeyMapper {
  if (datum === undefined || datum === 'pytorch-style-dict-key') return pytorchStyleKey;
  if (!isDict(datum)) throw badInput('"key_mapper" has to be "pytorch-style-dict-key" or an object with "join"');
  const options = new Map(datum.items.map(([key, value]) => [String(key), String(value)]));
  const join = options.get('join');
  if (join === undefined) throw badInput('"key_mapper" needs "join"');
  const hyphen = options.get('hyphen') ?? '-';
  const change = CASES[options.get('case') ?? 'keep'];
  if (!change) throw badInput(`"case" of a key mapper has to be ${Object.keys(CASES).join(', ')}`);
  return (path) =>
    path
      .map((part) => change(showPart(part)))
      .join(join)
      .replaceAll('-', hyphen);
}

const CASES: Readonly<Record<string, (text: string) => string>> = {
  keep: (text) => text,
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
};

/** A pattern and what takes its place: `\1` a group, `\&` the match, as CL-PPCRE has them. */
export type RemapRule = readonly [pattern: string, replacement: string];

/** The rules of Caten's GPT-2 for names of GGUF. Dots are unescaped there, so that each is any character. */
export const GPT2_RULES: readonly RemapRule[] = [
  ['blk.', 'h.'],
  ['.attn_qkv.bias', '.attn.c_attn.bias'],
  ['.attn_qkv.weight', '.attn.c_attn.weight'],
  ['.ffn_norm.bias', '.ln_2.bias'],
  ['.ffn_norm.weight', '.ln_2.affine'],
  ['.attn_norm.bias', '.ln_1.bias'],
  ['.attn_norm.weight', '.ln_1.affine'],
  ['.attn_output.bias', '.attn.c_proj.bias'],
  ['.attn_output.weight', '.attn.c_proj.weight'],
  ['.ffn_up.bias', '.mlp.c_fc.bias'],
  ['.ffn_up.weight', '.mlp.c_fc.weight'],
  ['.ffn_down.bias', '.mlp.c_proj.bias'],
  ['.ffn_down.weight', '.mlp.c_proj.weight'],
  ['token_embd.weight', 'wte.weight'],
  ['output.weight', 'lm_head.weight'],
  ['output_norm.bias', 'ln_f.bias'],
  ['output_norm.weight', 'ln_f.affine'],
  ['position_embd.weight', 'wpe.weight'],
];

/** `regex-replace-all` with every rule in turn: a later rule sees what an earlier one made. */
export function compileRules(rules: readonly RemapRule[]): (key: string) => string {
  const compiled = rules.map(([pattern, replacement]) => ({ regex: compile(pattern), replacement: toJs(replacement) }));
  return (key) => compiled.reduce((name, { regex, replacement }) => name.replace(regex, replacement), key);
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'gs');
  } catch {
    throw badInput(`the pattern "${pattern}" is no regular expression`);
  }
}

const toJs = (replacement: string): string =>
  replacement.replaceAll('$', '$$$$').replace(/\\(\d|&)/g, (_, group: string) => (group === '&' ? '$&' : `$${group}`));

export function readRules(datum: Datum | undefined): readonly RemapRule[] {
  if (datum === undefined || datum === 'gpt2') return GPT2_RULES;
  if (!isList(datum)) throw badInput('"rules" has to be "gpt2" or an array of [pattern, replacement]');
  return datum.map((rule): RemapRule => {
    const [pattern, replacement] = isList(rule) ? rule : [];
    if (typeof pattern === 'string' && typeof replacement === 'string') return [pattern, replacement];
    throw badInput('a rule has to be [pattern, replacement]');
  });
}
