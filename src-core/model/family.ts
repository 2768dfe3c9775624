import { labelTexts } from './labels.ts';
import type { ModuleTree } from './module-tree.ts';
import { type EntryColumns, VALUE_ORDER } from './state-dict.ts';

/** What a family is told by. */
interface FamilyFacts {
  /** Whether these names all occur somewhere in the keys. */
  has(...names: readonly string[]): boolean;
  /** Modules of a kind. */
  kinds(kind: string): number;
  readonly tensors: number;
  readonly texts: number;
  readonly entries: number;
  /** Entries below a module of that kind, or named so, in all entries: 0 to 1. */
  readonly loraShare: number;
}

interface Family {
  readonly name: string;
  holds(f: FamilyFacts): boolean;
  /** A sentence naming the evidence, its period included. */
  why(f: FamilyFacts): string;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const blocks = (f: FamilyFacts): string => {
  const count = f.kinds('Block');
  return count > 0 ? ` in ${plural(count, 'block')}` : '';
};

const recurrent = (f: FamilyFacts): number => f.kinds('LSTM') + f.kinds('GRU') + f.kinds('RNN');

const LLAMA = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj', 'input_layernorm'] as const;
const isDecoder = (f: FamilyFacts): boolean => f.has('q_proj', 'k_proj', 'v_proj', 'o_proj', 'input_layernorm');

/** First that holds wins: the special before the general. */
const FAMILIES: readonly Family[] = [
  {
    name: 'DSPy program',
    holds: (f) => f.tensors === 0 && f.has('signature', 'demos'),
    why: () => 'It holds predictors with a signature and demos.',
  },
  {
    name: 'Agent prompts',
    holds: (f) =>
      f.tensors === 0 &&
      f.texts > 0 &&
      ['instructions', 'system_message', 'system_prompt', 'expected_output', 'prompt'].some((name) => f.has(name)),
    why: (f) => `It holds ${plural(f.texts, 'text')} and no tensor, with names that prompts have.`,
  },
  {
    name: 'Training checkpoint',
    holds: (f) =>
      f.has('param_groups') &&
      ['state_dict', 'model', 'model_state_dict', 'optimizer_states', 'optimizer_state_dict'].some((n) => f.has(n)),
    why: () => 'It holds a model and the state of an optimiser (state, param_groups).',
  },
  {
    name: 'Optimizer checkpoint',
    holds: (f) => f.has('param_groups') || f.has('exp_avg', 'exp_avg_sq'),
    why: () => 'It holds the state of an optimiser (state, param_groups or moments).',
  },
  {
    name: 'LoRA adapter',
    holds: (f) => f.loraShare > 0.9 && !f.has('base_layer'),
    why: () => 'It holds hardly anything but pairs of low-rank matrices.',
  },
  {
    name: 'Stable Diffusion UNet',
    holds: (f) =>
      f.has('down_blocks', 'up_blocks', 'mid_block', 'conv_in') ||
      f.has('input_blocks', 'output_blocks', 'middle_block'),
    why: () => 'It holds down, middle and up blocks of convolutions.',
  },
  {
    name: 'CLIP',
    holds: (f) => f.has('text_model', 'vision_model') || f.has('logit_scale', 'visual'),
    why: () => 'It holds a text model and a vision model side by side.',
  },
  {
    name: 'Whisper',
    holds: (f) => f.has('encoder', 'decoder', 'encoder_attn', 'conv1', 'conv2', 'embed_positions'),
    why: () => 'It holds an encoder that begins with two convolutions, and a decoder attending to it.',
  },
  {
    name: 'DeepSeek (MoE)',
    holds: (f) => f.has('kv_a_proj_with_mqa', 'experts'),
    why: (f) => `It holds compressed key-value projections and experts${blocks(f)}.`,
  },
  {
    name: 'Mixtral (MoE)',
    holds: (f) => f.has('block_sparse_moe', 'experts', 'w1', 'w2', 'w3'),
    why: (f) => `It holds block_sparse_moe with experts of w1, w2, w3${blocks(f)}.`,
  },
  {
    name: 'Mixture of experts',
    holds: (f) => f.has('experts') && isDecoder(f),
    why: (f) => `It holds Llama-like attention with experts${blocks(f)}.`,
  },
  {
    name: 'Gemma',
    holds: (f) => f.has(...LLAMA, 'pre_feedforward_layernorm'),
    why: (f) => `It has the names of Llama and norms around the feed-forward part too${blocks(f)}.`,
  },
  {
    name: 'Qwen3',
    holds: (f) => f.has(...LLAMA, 'q_norm', 'k_norm'),
    why: (f) => `It has the names of Llama and norms on queries and keys${blocks(f)}.`,
  },
  {
    name: 'Llama',
    holds: (f) => f.has(...LLAMA),
    why: (f) => `It has q, k, v, o and gate, up, down projections${blocks(f)}; Mistral and others use the same names.`,
  },
  {
    name: 'Llama (GGUF names)',
    holds: (f) => f.has('blk', 'attn_q', 'ffn_gate', 'token_embd'),
    why: (f) => `It has attn_q and ffn_gate under blk${blocks(f)}, as GGUF files name them.`,
  },
  {
    name: 'GPT-2',
    holds: (f) => f.has('wte', 'wpe', 'c_attn', 'ln_f'),
    why: (f) => `It has wte, wpe, ln_f, and c_attn${blocks(f)}.`,
  },
  {
    name: 'GPT-NeoX',
    holds: (f) => f.has('embed_in', 'query_key_value', 'dense_h_to_4h'),
    why: (f) => `It has embed_in, and query_key_value${blocks(f)}.`,
  },
  {
    name: 'T5',
    holds: (f) => f.has('SelfAttention', 'DenseReluDense'),
    why: () => 'It has SelfAttention and DenseReluDense.',
  },
  {
    name: 'DistilBERT',
    holds: (f) => f.has('q_lin', 'k_lin', 'v_lin', 'word_embeddings'),
    why: (f) => `It has word_embeddings, and q_lin, k_lin, v_lin${blocks(f)}.`,
  },
  {
    name: 'BERT',
    holds: (f) => f.has('word_embeddings', 'token_type_embeddings', 'attention', 'intermediate', 'query'),
    why: (f) =>
      `It has word and token type embeddings, and attention with intermediate layers${blocks(f)}; RoBERTa uses the same names.`,
  },
  {
    name: 'ViT',
    holds: (f) =>
      (f.has('cls_token') || f.has('class_token')) &&
      ['patch_embed', 'patch_embeddings', 'conv_proj'].some((name) => f.has(name)),
    why: (f) => `It has a class token and embeds patches${blocks(f)}.`,
  },
  {
    name: 'ResNet',
    holds: (f) => f.has('conv1', 'bn1', 'layer1', 'layer2'),
    why: (f) => {
      const [count, word] =
        f.kinds('Bottleneck') > 0 ? [f.kinds('Bottleneck'), 'bottleneck'] : [f.kinds('BasicBlock'), 'basic'];
      return `It has conv1, bn1 and stages${count > 0 ? ` with ${plural(count, `${word} block`)}` : ''}.`;
    },
  },
  {
    name: 'DenseNet',
    holds: (f) => f.has('denseblock1', 'denselayer1', 'norm5'),
    why: () => 'It has dense blocks with layers whose channels are joined.',
  },
  {
    name: 'SqueezeNet',
    holds: (f) => f.has('squeeze', 'expand1x1', 'expand3x3'),
    why: () => 'It has layers that narrow channels and widen them by kernels of 1 and of 3.',
  },
  {
    name: 'ConvNeXt',
    holds: (f) =>
      f.has('dwconv', 'pwconv1', 'pwconv2') ||
      f.has('stages', 'conv_dw', 'fc1', 'fc2') ||
      f.has('layer_scale', 'block', 'features'),
    why: () => 'It has blocks of a convolution of each channel by itself and two layers of each pixel.',
  },
  {
    name: 'MobileNet or EfficientNet',
    holds: (f) => f.has('conv_stem', 'conv_dw', 'conv_pw'),
    why: () => 'It has conv_stem, and blocks that widen channels (conv_pw) and convolve each by itself (conv_dw).',
  },
  {
    name: 'VGG-like CNN',
    holds: (f) => f.has('features', 'classifier') && f.kinds('Conv2d') > 0,
    why: (f) => `It has features with ${plural(f.kinds('Conv2d'), 'convolution')}, then a classifier.`,
  },
  {
    name: 'CNN',
    holds: (f) => f.kinds('Conv2d') > 0 && f.kinds('Block') === 0,
    why: (f) => `It has ${plural(f.kinds('Conv2d'), 'two-dimensional convolution')} and no attention.`,
  },
  {
    name: 'Transformer',
    holds: (f) => f.kinds('Block') > 0,
    why: (f) => `It has attention and feed-forward parts${blocks(f)}.`,
  },
  {
    name: 'Recurrent network',
    holds: (f) => recurrent(f) > 0,
    why: (f) => `It has ${plural(recurrent(f), 'recurrent layer')}.`,
  },
];

/** What a document seems to be, with the evidence as a whole sentence. Undefined when nothing fits. */
export function guessFamily(columns: EntryColumns, tree: ModuleTree): { name: string; why: string } | undefined {
  const names = new Set(labelTexts(tree));
  const kindCounts = new Uint32Array(tree.kinds.length);
  for (const kind of tree.kind) kindCounts[kind]!++;
  const text = VALUE_ORDER.indexOf('text');
  let tensors = 0;
  let texts = 0;
  for (const type of columns.types) {
    if (type === 0) tensors++;
    else if (type === text) texts++;
  }
  const facts: FamilyFacts = {
    has: (...wanted) => wanted.every((name) => names.has(name)),
    kinds: (kind) => kindCounts[tree.kinds.indexOf(kind)] ?? 0,
    tensors,
    texts,
    entries: columns.count,
    loraShare: tensors === 0 ? 0 : countLora(tree) / tensors,
  };
  const family = FAMILIES.find((candidate) => candidate.holds(facts));
  return family && { name: family.name, why: family.why(facts) };
}

/** Entries of modules that are pairs of low-rank matrices. */
function countLora(tree: ModuleTree): number {
  const lora = tree.kinds.indexOf('LoRA');
  let entries = 0;
  for (let node = 1; node < tree.count; node++) {
    if (tree.kind[node] !== lora) continue;
    entries += tree.entries[node]!;
    node = tree.end[node]! - 1;
  }
  return entries;
}
