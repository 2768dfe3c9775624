/**
 * `config.json` of transformers against the shapes beside it. Only plain fields of families whose names are unmistakable, and
 * only tensors that occur once: a vision tower has a config, and a `layers.0`, of its own.
 */
import { type EntryId, NO_SHAPE, type Problem } from '../../../model/state-dict.ts';
import { familyOf } from '../../../tensor/dtype.ts';
import type { ModelConfig } from '../../read-config.ts';
import type { HealthFacts, Rule } from '../facts.ts';
import type { Sequence } from '../sequences.ts';

/** A dimension that a field gives. `fields`: the first that is there, as families call it. */
interface Expectation {
  readonly fields: readonly string[];
  /** End of the only key that has it. */
  readonly key: string;
  readonly dim: number;
  readonly models: RegExp;
  /** What the dimension is for that value, where it is not the value itself. */
  readonly times?: (config: Numbers) => number | undefined;
}
type Numbers = (...names: readonly string[]) => number | undefined;

const LLAMA = /^(llama|mistral|qwen2|qwen3|gemma|gemma2|phi3|olmo2?|granite|cohere|starcoder2|stablelm|smollm3)$/;
const GATED = /^(llama|mistral|qwen2|qwen3|gemma|gemma2|olmo2?|granite|stablelm|smollm3)$/;
const GPT2 = /^gpt2$/;
const BERT = /^(bert|roberta|xlm-roberta|electra|camembert)$/;
const T5 = /^(t5|mt5|umt5)$/;

const headSize = (config: Numbers): number | undefined => {
  const [given, hidden, heads] = [config('head_dim'), config('hidden_size'), config('num_attention_heads')];
  return given ?? (hidden !== undefined && heads ? hidden / heads : undefined);
};

const EXPECTED: readonly Expectation[] = [
  { models: LLAMA, fields: ['vocab_size'], key: 'embed_tokens.weight', dim: 0 },
  { models: LLAMA, fields: ['hidden_size'], key: 'embed_tokens.weight', dim: 1 },
  { models: GATED, fields: ['intermediate_size'], key: 'layers.0.mlp.gate_proj.weight', dim: 0 },
  { models: LLAMA, fields: ['num_attention_heads'], key: 'layers.0.self_attn.q_proj.weight', dim: 0, times: headSize },
  { models: LLAMA, fields: ['num_key_value_heads'], key: 'layers.0.self_attn.k_proj.weight', dim: 0, times: headSize },
  { models: GPT2, fields: ['vocab_size'], key: 'wte.weight', dim: 0 },
  { models: GPT2, fields: ['n_embd', 'hidden_size'], key: 'wte.weight', dim: 1 },
  { models: GPT2, fields: ['n_positions', 'n_ctx'], key: 'wpe.weight', dim: 0 },
  { models: BERT, fields: ['vocab_size'], key: 'embeddings.word_embeddings.weight', dim: 0 },
  { models: BERT, fields: ['max_position_embeddings'], key: 'embeddings.position_embeddings.weight', dim: 0 },
  { models: BERT, fields: ['type_vocab_size'], key: 'embeddings.token_type_embeddings.weight', dim: 0 },
  { models: BERT, fields: ['hidden_size'], key: 'layer.0.attention.self.query.weight', dim: 0 },
  { models: BERT, fields: ['intermediate_size'], key: 'layer.0.intermediate.dense.weight', dim: 0 },
  { models: T5, fields: ['vocab_size'], key: 'shared.weight', dim: 0 },
  { models: T5, fields: ['d_model'], key: 'shared.weight', dim: 1 },
  {
    models: T5,
    fields: ['num_heads'],
    key: 'encoder.block.0.layer.0.SelfAttention.q.weight',
    dim: 0,
    times: (config) => config('d_kv'),
  },
];

/** The list of layers a count speaks of, by the end of its path. */
const COUNTED: readonly { readonly models: RegExp; readonly fields: readonly string[]; readonly list: string }[] = [
  { models: LLAMA, fields: ['num_hidden_layers'], list: 'layers' },
  { models: GPT2, fields: ['n_layer', 'num_hidden_layers'], list: 'h' },
  { models: BERT, fields: ['num_hidden_layers'], list: 'encoder.layer' },
  { models: T5, fields: ['num_layers'], list: 'encoder.block' },
];

export const checkConfig: Rule = function* (facts) {
  const { config } = facts;
  const model = config?.fields.model_type;
  if (!config || typeof model !== 'string' || facts.isAdapter) return;
  const numbers: Numbers = (...names) => names.map((name) => config.fields[name]).find(isCount);
  for (const expected of EXPECTED) {
    const value = expected.models.test(model) ? numbers(...expected.fields) : undefined;
    const factor = expected.times ? expected.times(numbers) : 1;
    if (value === undefined || factor === undefined || !Number.isInteger(factor)) continue;
    yield* compareDimension(facts, config, expected, value, factor);
  }
  for (const counted of COUNTED) {
    const value = counted.models.test(model) ? numbers(...counted.fields) : undefined;
    if (value !== undefined) yield* compareLayers(facts, config, counted, value);
  }
  yield* checkHead(facts, config);
};

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0;

function* compareDimension(
  facts: HealthFacts,
  { file, fields }: ModelConfig,
  { fields: names, key, dim }: Expectation,
  value: number,
  factor: number,
): Iterable<Problem> {
  const found = findOnly(facts, key);
  const size = found?.shape[dim];
  if (!found || size === undefined || size === value * factor) return;
  const name = names.find((candidate) => candidate in fields);
  const wanted = factor === 1 ? '' : ` times a head size of ${factor} makes ${value * factor}, but`;
  yield {
    code: 'config-shape',
    severity: 'warning',
    message: `config.json says ${name} is ${value};${wanted} ${found.key} is ${found.shape.join('×')}.`,
    advice:
      'Loaders build the model from the config, so this tensor will not fit. One of the two belongs to another model.',
    entry: found.entry,
    file,
  };
}

function* compareLayers(
  { sequences, tree, labels, config, isPartial }: HealthFacts,
  { file, fields }: ModelConfig,
  counted: (typeof COUNTED)[number],
  value: number,
): Iterable<Problem> {
  const ends = counted.list.split('.').reverse();
  const isList = ({ parent }: Sequence) => {
    let node = parent;
    for (const end of ends) {
      if (labels[tree.label[node]!] !== end) return false;
      node = tree.parent[node]!;
    }
    return true;
  };
  const lists = sequences.filter(isList);
  const last = lists.length === 1 ? lists[0]?.members.at(-1)?.index : undefined;
  // Layers that predict further tokens stand behind the counted ones.
  const extra = config?.fields.num_nextn_predict_layers;
  const most = value + (isCount(extra) ? extra : 0);
  if (last === undefined || (last + 1 >= value && last + 1 <= most)) return;
  if (isPartial && last + 1 < value) return;
  const name = counted.fields.find((candidate) => candidate in fields);
  yield {
    code: 'config-layers',
    severity: 'warning',
    message: `config.json says ${name} is ${value}; the last layer here is ${counted.list}.${last}, so there are ${last + 1}.`,
    advice:
      last + 1 < value
        ? 'The layers that are missing stay as they were initialised when the model is loaded.'
        : 'Loaders leave out the layers past that number, and the model becomes a shorter one.',
    file,
  };
}

/** A causal model that is said not to tie its head to its embedding, and has no head. */
function* checkHead(facts: HealthFacts, { file, fields }: ModelConfig): Iterable<Problem> {
  const makes = Array.isArray(fields.architectures) ? fields.architectures.filter((a) => typeof a === 'string') : [];
  if (fields.tie_word_embeddings !== false || facts.isPartial) return;
  if (!makes.some((name: string) => LLAMA_HEADS.test(name)) || !findOnly(facts, 'embed_tokens.weight')) return;
  if (facts.labels.includes('lm_head')) return;
  yield {
    code: 'missing-head',
    severity: 'warning',
    message: 'config.json says tie_word_embeddings is false, but there is no lm_head.weight.',
    advice:
      'from_pretrained makes a head of random numbers, and the model writes nonsense. Save the head too, or set tie_word_embeddings to true if the model was trained so.',
    file,
  };
}
const LLAMA_HEADS = /^(Llama|Mistral|Qwen2|Qwen3|Gemma2?|Phi3|Olmo2?|Granite)ForCausalLM$/;

interface FoundTensor {
  readonly entry: EntryId;
  readonly key: string;
  readonly shape: readonly number[];
}

/** The only plain tensor whose key ends so. Packed ones (quantised to bytes) have other shapes than their config. */
export function findOnly({ document, tree, labels, columns }: HealthFacts, ending: string): FoundTensor | undefined {
  const parts = ending.split('.').reverse();
  let found: number | undefined;
  for (let row = 0; row < columns.count; row++) {
    let node = tree.nodeOfEntry[row]!;
    let i = 0;
    while (i < parts.length && node > 0 && labels[tree.label[node]!] === parts[i]) {
      node = tree.parent[node]!;
      i++;
    }
    if (i < parts.length) continue;
    if (found !== undefined) return undefined;
    found = row;
  }
  if (found === undefined || columns.shape[found] === NO_SHAPE) return undefined;
  const dtype = columns.dtypes[columns.dtype[found]! - 1];
  const family = dtype && familyOf(dtype);
  if (!family || !['float', 'half', 'float8', 'block'].includes(family)) return undefined;
  return { entry: found, key: document.state.entries.at(found).key, shape: columns.shapes[columns.shape[found]!]! };
}
