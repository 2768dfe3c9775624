import type { ModuleFacts } from './kind-facts.ts';

/** What modules are called. 0 is none known. */
export const MODULE_KINDS = [
  '',
  'Linear',
  'Conv1D',
  'QuantLinear',
  'Embedding',
  'Embeddings',
  'LayerNorm',
  'RMSNorm',
  'GroupNorm',
  'Norm',
  'BatchNorm',
  'BatchNorm1d',
  'BatchNorm2d',
  'BatchNorm3d',
  'Conv1d',
  'Conv2d',
  'Conv3d',
  'ConvTranspose1d',
  'ConvTranspose2d',
  'ConvTranspose3d',
  'PReLU',
  'LSTM',
  'GRU',
  'RNN',
  'LSTMCell',
  'GRUCell',
  'RNNCell',
  'MultiheadAttention',
  'Attention',
  'MLP',
  'MoE',
  'Block',
  'BasicBlock',
  'Bottleneck',
  'Transformer',
  'LoRA',
  'Sequential',
  'ModuleList',
  'ParameterList',
  'Predict',
  'Optimizer',
  'Optimizer slot',
] as const;
export type ModuleKind = Exclude<(typeof MODULE_KINDS)[number], ''>;

export const kindCode = (kind: ModuleKind): number => MODULE_KINDS.indexOf(kind);

export interface KindRule {
  readonly kind: ModuleKind;
  /** Why, as the end of the sentence "taken for a … because …". */
  readonly why: string;
  holds(m: ModuleFacts): boolean;
}

const LINEAR = kindCode('Linear');
const CONV1D = kindCode('Conv1D');
const CODE = {
  quantLinear: kindCode('QuantLinear'),
  attention: kindCode('Attention'),
  multihead: kindCode('MultiheadAttention'),
  mlp: kindCode('MLP'),
  moe: kindCode('MoE'),
  lora: kindCode('LoRA'),
  conv: [kindCode('Conv1d'), kindCode('Conv2d'), kindCode('Conv3d')],
  residual: [kindCode('BasicBlock'), kindCode('Bottleneck')],
  slot: kindCode('Optimizer slot'),
};

/** The tensor a layer multiplies with; `weight_v` where weight_norm has split it. */
const weightOf = (m: ModuleFacts): readonly number[] | undefined => m.shape('weight') ?? m.shape('weight_v');

/** A convolution kernel is small; a stack of expert matrices has the same rank and is not, or is named as one. */
const MAX_KERNEL = 512;
const isConv = (m: ModuleFacts, dims: number, transposed: boolean): boolean => {
  const weight = weightOf(m);
  if (weight?.length !== dims + 2 || m.named('experts') || weight.slice(2).some((size) => size > MAX_KERNEL))
    return false;
  const bias = m.shape('bias');
  // A transposed convolution stores [in, out, …]; only its bias gives it away.
  const isTransposed = bias?.length === 1 && bias[0] !== weight[0] && bias[0] === weight[1];
  return isTransposed === transposed;
};

/** Gates stacked in the hidden-to-hidden weight: 4 for LSTM, 3 for GRU, 1 for a plain RNN. */
const gates = (shape: readonly number[] | undefined): number =>
  shape?.length === 2 && shape[1]! > 0 ? shape[0]! / shape[1]! : 0;

const isVectorPair = (m: ModuleFacts, weight: string, bias: string): boolean => {
  const a = m.shape(weight);
  const b = m.shape(bias);
  return a !== undefined && b !== undefined && a.length > 0 && a.length === b.length && a.every((n, i) => n === b[i]);
};

const hasAttention = (m: ModuleFacts): boolean => m.hasKind(CODE.attention) || m.hasKind(CODE.multihead);

/** Only layers of an MLP: no convolution, no attention below. */
const isPlain = (m: ModuleFacts): boolean => !hasAttention(m) && !CODE.conv.some((kind) => m.hasKind(kind));
const hasLinear = (m: ModuleFacts): boolean => [LINEAR, CONV1D, CODE.quantLinear, CODE.lora].some((k) => m.hasKind(k));

const GATED = [
  ['gate_proj', 'up_proj', 'down_proj'],
  ['gate_up_proj', 'down_proj'],
  ['up_proj', 'down_proj'],
  ['fc1', 'fc2'],
  ['c_fc', 'c_proj'],
  ['w1', 'w2'],
  ['wi', 'wo'],
  ['wi_0', 'wi_1', 'wo'],
  ['lin1', 'lin2'],
  ['linear_1', 'linear_2'],
  ['fc_in', 'fc_out'],
  ['dense_h_to_4h', 'dense_4h_to_h'],
] as const;

const PROJECTED = [
  ['q_proj', 'k_proj', 'v_proj'],
  ['query', 'key', 'value'],
  ['query_dense', 'key_dense', 'value_dense'],
  ['to_q', 'to_k', 'to_v'],
  ['q_lin', 'k_lin', 'v_lin'],
  ['wq', 'wk', 'wv'],
  ['q', 'k', 'v'],
  ['q', 'k', 'v', 'o'],
  ['c_attn', 'c_proj'],
  ['qkv', 'proj'],
  ['qkv_proj'],
  ['query_key_value'],
  ['Wqkv'],
  ['kv_a_proj_with_mqa', 'kv_b_proj'],
] as const;

/** Layers whose variables Keras saves by number. */
const SAVED_BY_KERAS = [
  ['Linear', 'kerasDense'],
  ['Conv1d', 'kerasConv1d'],
  ['Conv2d', 'kerasConv2d'],
  ['BatchNorm', 'kerasBatchNorm'],
  ['LayerNorm', 'layerNorm'],
  ['Embedding', 'kerasEmbedding'],
] as const;

/** First that holds wins. Leaf modules come first, what is made of them after. */
export const KIND_RULES: readonly KindRule[] = [
  {
    kind: 'Predict',
    why: 'it holds a signature and demos, as a DSPy predictor does',
    holds: (m) => m.children('signature', 'demos'),
  },
  {
    kind: 'Optimizer slot',
    why: 'it holds moments of an optimiser (exp_avg, momentum_buffer, …)',
    holds: (m) => m.child('exp_avg') || m.child('momentum_buffer') || m.child('square_avg') || m.children('mu', 'nu'),
  },
  {
    kind: 'Optimizer',
    why: 'it holds state and param_groups, as torch.optim saves them',
    holds: (m) => m.children('state', 'param_groups'),
  },
  ...SAVED_BY_KERAS.map(
    ([kind, name]): KindRule => ({
      kind,
      why: 'Keras names it after its class, and keeps its variables by number',
      holds: (m) => m.module('vars') && m.moduleCount === 1 && m.named(name),
    }),
  ),
  {
    kind: 'BatchNorm',
    why: 'it holds a running mean and variance',
    holds: (m) =>
      m.children('running_mean', 'running_var') ||
      m.children('moving_mean', 'moving_variance') ||
      (m.children('mean', 'var') && (m.entry('scale') || m.entry('bias'))),
  },
  {
    kind: 'MultiheadAttention',
    why: 'it holds in_proj_weight (or q_proj_weight), as torch.nn.MultiheadAttention does',
    holds: (m) => m.entry('in_proj_weight') || m.entry('q_proj_weight'),
  },
  {
    kind: 'LSTM',
    why: 'its recurrent weight stacks four gates',
    holds: (m) => m.entry('weight_ih_l0') && gates(m.shape('weight_hh_l0')) >= 4,
  },
  {
    kind: 'GRU',
    why: 'its recurrent weight stacks three gates',
    holds: (m) => m.entry('weight_ih_l0') && gates(m.shape('weight_hh_l0')) === 3,
  },
  {
    kind: 'RNN',
    why: 'its recurrent weight has one gate',
    holds: (m) => m.entry('weight_ih_l0') && gates(m.shape('weight_hh_l0')) === 1,
  },
  {
    kind: 'LSTMCell',
    why: 'its recurrent weight stacks four gates',
    holds: (m) => m.entry('weight_ih') && gates(m.shape('weight_hh')) === 4,
  },
  {
    kind: 'GRUCell',
    why: 'its recurrent weight stacks three gates',
    holds: (m) => m.entry('weight_ih') && gates(m.shape('weight_hh')) === 3,
  },
  {
    kind: 'RNNCell',
    why: 'its recurrent weight has one gate',
    holds: (m) => m.entry('weight_ih') && gates(m.shape('weight_hh')) === 1,
  },
  {
    kind: 'LoRA',
    why: 'it holds a pair of low-rank matrices (A and B, or down and up)',
    holds: (m) =>
      m.children('lora_A', 'lora_B') ||
      m.children('lora_a', 'lora_b') ||
      m.children('lora_down', 'lora_up') ||
      m.children('lora_embedding_A', 'lora_embedding_B'),
  },
  {
    kind: 'QuantLinear',
    why: 'its weight is packed and has scales of its own',
    holds: (m) => (m.entry('qweight') && m.entry('scales')) || m.entry('weight_packed'),
  },
  {
    kind: 'ConvTranspose3d',
    why: 'its bias fits the second dimension of a 5-D weight',
    holds: (m) => isConv(m, 3, true),
  },
  {
    kind: 'ConvTranspose2d',
    why: 'its bias fits the second dimension of a 4-D weight',
    holds: (m) => isConv(m, 2, true),
  },
  {
    kind: 'ConvTranspose1d',
    why: 'its bias fits the second dimension of a 3-D weight',
    holds: (m) => isConv(m, 1, true),
  },
  { kind: 'Conv3d', why: 'its weight has five dimensions', holds: (m) => isConv(m, 3, false) },
  {
    kind: 'Conv2d',
    why: 'its weight has four dimensions',
    holds: (m) => isConv(m, 2, false) || (m.rank('kernel') === 4 && !m.named('headLike')),
  },
  {
    kind: 'Conv1d',
    why: 'its weight has three dimensions, the last one small',
    holds: (m) => isConv(m, 1, false) || (m.rank('kernel') === 3 && !m.named('headLike')),
  },
  {
    kind: 'Embedding',
    why: 'it is one matrix, and it is named as a table of embeddings',
    holds: (m) =>
      m.rank('embedding') === 2 ||
      m.rank('embeddings') === 2 ||
      (m.rank('weight') === 2 && !m.entry('bias') && m.named('embedding')),
  },
  {
    kind: 'Conv1D',
    why: 'its bias fits the second dimension of the weight, as in the Conv1D of GPT-2 (a transposed linear layer)',
    holds: (m) => {
      const weight = m.shape('weight');
      const bias = m.shape('bias');
      return weight?.length === 2 && bias?.length === 1 && bias[0] === weight[1] && bias[0] !== weight[0];
    },
  },
  {
    kind: 'Linear',
    why: 'its weight is a matrix',
    holds: (m) => (weightOf(m)?.length === 2 && m.rank('bias') < 2) || m.rank('kernel') >= 2,
  },
  {
    kind: 'GroupNorm',
    why: 'it holds a scale and a shift per channel, and its name says so',
    holds: (m) => m.named('groupNorm') && isVectorPair(m, 'weight', 'bias'),
  },
  {
    kind: 'LayerNorm',
    why: 'it holds a scale and a shift of the same shape',
    holds: (m) =>
      isVectorPair(m, 'weight', 'bias') ||
      isVectorPair(m, 'affine', 'bias') ||
      isVectorPair(m, 'scale', 'bias') ||
      isVectorPair(m, 'gamma', 'beta'),
  },
  {
    kind: 'RMSNorm',
    why: 'it holds a scale without a shift',
    holds: (m) => m.entryCount === 1 && (m.rank('scale') === 1 || (m.rank('weight') === 1 && m.named('norm'))),
  },
  {
    kind: 'PReLU',
    why: 'it is a slope for negative inputs: one number, or one a channel',
    holds: (m) => {
      const weight = m.entryCount === 1 ? m.shape('weight') : undefined;
      return weight?.length === 1 && (weight[0] === 1 || m.named('prelu'));
    },
  },
  {
    kind: 'MoE',
    why: 'it holds experts (and what chooses among them)',
    holds: (m) => m.child('experts'),
  },
  {
    kind: 'Bottleneck',
    why: 'it holds three convolutions and their norms, as in ResNet-50',
    holds: (m) => m.modules('conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3') && !m.hasKind(LINEAR),
  },
  {
    kind: 'BasicBlock',
    why: 'it holds two convolutions and their norms, as in ResNet-18',
    // A network of such names ends in a linear layer.
    holds: (m) => m.modules('conv1', 'bn1', 'conv2', 'bn2') && !m.module('layer1') && !m.hasKind(LINEAR),
  },
  {
    kind: 'Block',
    why: 'it holds attention and a feed-forward part',
    holds: (m) =>
      (hasAttention(m) &&
        (m.hasKind(CODE.mlp) ||
          m.hasKind(CODE.moe) ||
          m.modules('linear1', 'linear2') ||
          m.modules('fc1', 'fc2') ||
          m.modules('intermediate', 'output'))) ||
      ((m.module('attn_q') || m.module('attn_qkv')) && (m.module('ffn_down') || m.module('ffn_down_exps'))),
  },
  {
    kind: 'Attention',
    why: 'it holds projections to queries, keys and values',
    holds: (m) =>
      PROJECTED.some((names) => m.modules(...names)) || (m.named('attention') && (hasAttention(m) || m.child('qkv'))),
  },
  {
    kind: 'MLP',
    why: 'it holds the two or three linear layers of a feed-forward part',
    holds: (m) => isPlain(m) && hasLinear(m) && (m.named('mlp') || GATED.some((names) => m.modules(...names))),
  },
  {
    kind: 'Embeddings',
    why: 'it holds word and position embeddings',
    holds: (m) => m.modules('word_embeddings', 'position_embeddings'),
  },
  {
    kind: 'ModuleList',
    why: 'its children are numbered without gaps and all of one kind',
    holds: (m) =>
      isNumbered(m) &&
      m.moduleCount > 1 &&
      m.largestNumber === m.moduleCount - 1 &&
      m.commonKind > 0 &&
      m.commonKind !== CODE.slot &&
      !CODE.residual.includes(m.commonKind),
  },
  {
    kind: 'Sequential',
    why: 'its children are numbered; the numbers missing are layers without weights',
    holds: (m) => isNumbered(m) && m.commonKind !== CODE.slot && (m.commonKind === -1 || m.commonKind > 0),
  },
  {
    kind: 'ParameterList',
    why: 'it is a numbered list of tensors',
    holds: (m) => m.numberedTensors > 1 && m.moduleCount === 0 && m.numberedTensors === m.entryCount,
  },
  {
    kind: 'Transformer',
    why: 'it holds a list of blocks with attention',
    holds: (m) => m.holdsBlocks,
  },
];

const isNumbered = (m: ModuleFacts): boolean => m.moduleCount > 0 && m.numbered === m.moduleCount && m.entryCount === 0;
