import { NO_TYPE } from './module-tree.ts';
import { NO_SHAPE } from './state-dict.ts';
import { numberLabels } from './tree-repeats.ts';
import type { BareTree } from './tree-totals.ts';

/** What a module's own name hints at. */
export const HINT = {
  embedding:
    /^(wte|wpe|shared|codebook|relative_attention_bias|(tok|token|pos|position|type|word)_embd)$|emb(ed(ding(s)?)?|ed_tokens|ed_in|ed_out)?$/i,
  norm: /norm|^ln(_|\d|$)|(_|^)ln\d*$|^bn\d*$/i,
  layerNorm: /layer_?norm|^ln(_|\d|$)|(_|^)ln\d*$/i,
  groupNorm: /group_?norm|^gn\d*$/i,
  attention: /attn|attention/i,
  mlp: /^(mlp|ffn?|feed_?forward|ff_net|densereludense|ffn_layer\w*)$/i,
  prelu: /prelu|^act\d*$/i,
  experts: /_exps$/,
  headLike: /^(query|key|value|out|q|k|v|o|[qkvo]_proj|out_proj|attention_output)$/i,
  transposable: /^(c_attn|c_proj|c_fc|q_attn)$/,
  kerasDense: /^((query|key|value|output|einsum)_)?dense(_\d+)?$/,
  kerasConv1d: /^conv1d(_\d+)?$/,
  kerasConv2d: /^conv2d(_\d+)?$/,
  kerasBatchNorm: /^batch_normalization(_\d+)?$/,
  kerasEmbedding: /^embedding(_\d+)?$/,
} as const;
export type HintName = keyof typeof HINT;
const HINT_NAMES = Object.keys(HINT) as HintName[];

const UNKNOWN = 0xffff;
const decoder = new TextDecoder();

/**
 * What the rules ask about one module: its direct children by name, with their shapes. One object is reused for all modules;
 * marks carry the module's number instead of being wiped.
 */
export class ModuleFacts {
  private readonly tree: BareTree;
  private readonly isNumber: Uint8Array;
  /** Bits of HINT_NAMES for each label; UNKNOWN until asked for, since most labels of a flat file name no module. */
  private readonly hints: Uint16Array;
  /** Number in the vocabulary for each label, 0 for those not in it; UNKNOWN until asked for. */
  private readonly nameOf: Uint16Array;
  private readonly names = VOCABULARY;
  private readonly entryMark: Uint32Array;
  private readonly entryNode: Uint32Array;
  private readonly moduleMark: Uint32Array;
  private readonly moduleNode: Uint32Array;
  private readonly kindMark: Uint32Array;

  node = 0;
  /** Direct children that are entries, and those that are modules. */
  entryCount = 0;
  moduleCount = 0;
  /** Direct tensors with a number for a name. */
  numberedTensors = 0;
  /** Whether a numbered list below begins with an attention block. */
  holdsBlocks = false;
  /** Module children with a number for a name; the largest such number (-1: none). */
  numbered = 0;
  largestNumber = -1;
  /** The kind all module children have; -1 when they differ. */
  commonKind = 0;
  private readonly kind: Uint16Array;

  private readonly listKind: number;
  private readonly blockKind: number;

  constructor(tree: BareTree, kind: Uint16Array, kinds: readonly string[]) {
    this.tree = tree;
    this.kind = kind;
    this.listKind = kinds.indexOf('ModuleList');
    this.blockKind = kinds.indexOf('Block');
    this.isNumber = numberLabels(tree);
    const labels = tree.labelStart.length - 1;
    this.nameOf = new Uint16Array(labels).fill(UNKNOWN);
    this.hints = new Uint16Array(labels).fill(UNKNOWN);
    const size = VOCABULARY.size + 1;
    this.entryMark = new Uint32Array(size);
    this.entryNode = new Uint32Array(size);
    this.moduleMark = new Uint32Array(size);
    this.moduleNode = new Uint32Array(size);
    this.kindMark = new Uint32Array(kinds.length);
  }

  /**
   * A number that is the same for modules about which all rules say the same. Half a million entries have a few hundred
   * different modules. It is a 53-bit hash: were two ever to meet, a guess would be off.
   */
  signature(node: number): number {
    const { end, label, type, shape } = this.tree;
    let a = this.hintsOf(label[node]!) + 1;
    let b = a;
    const stop = end[node]!;
    for (let child = node + 1; child < stop; child = end[child]!) {
      const hasChildren = end[child]! > child + 1;
      const own = (type[child]! << 8) | (hasChildren ? this.kind[child + 1]! + 1 : 0);
      const size = shape[this.holdsValue(child) ? child + 1 : child]!;
      a = mix(a, label[child]!) + own;
      b = mix(b + own, size) + this.kind[child]!;
      b = mix(b, label[child]!);
      a = mix(a, (size << 6) ^ this.kind[child]!);
    }
    return (a >>> 0) * 0x20_0000 + (b >>> 11);
  }

  /** Looks at module `node`, whose module children have their kinds already. */
  look(node: number): void {
    const { end, label, entry, type } = this.tree;
    this.node = node;
    this.entryCount = 0;
    this.moduleCount = 0;
    this.numberedTensors = 0;
    this.holdsBlocks = false;
    this.numbered = 0;
    this.largestNumber = -1;
    this.commonKind = 0;
    // Mark 0 would be the root's, and is that of untouched slots.
    const mark = node + 1;
    const stop = end[node]!;
    for (let child = node + 1; child < stop; child = end[child]!) {
      const name = this.nameId(label[child]!);
      const holdsValue = this.holdsValue(child);
      if (entry[child] !== -1 || holdsValue) {
        this.entryCount++;
        if (type[child] === 0 && this.isNumber[label[child]!] === 1) this.numberedTensors++;
        this.entryMark[name] = mark;
        this.entryNode[name] = holdsValue ? child + 1 : child;
      }
      if (holdsValue) continue;
      if (end[child] === child + 1 && type[child] !== NO_TYPE) continue;
      const childKind = this.kind[child]!;
      this.commonKind = this.moduleCount === 0 || this.commonKind === childKind ? childKind : -1;
      this.moduleCount++;
      this.moduleMark[name] = mark;
      this.moduleNode[name] = child;
      this.kindMark[childKind] = mark;
      if (childKind === this.listKind && this.kind[child + 1] === this.blockKind) this.holdsBlocks = true;
      if (this.isNumber[label[child]!] === 1) {
        this.numbered++;
        this.largestNumber = Math.max(this.largestNumber, this.numberOf(label[child]!));
      }
    }
  }

  /** Whether there is a direct child entry of that name. */
  entry(name: string): boolean {
    return this.entryMark[this.idOf(name)] === this.node + 1;
  }
  module(name: string): boolean {
    return this.moduleMark[this.idOf(name)] === this.node + 1;
  }
  /** A child of that name, entry or module: separate tensors are also written as modules of one tensor. */
  child(name: string): boolean {
    return this.entry(name) || this.module(name);
  }
  children(...names: readonly string[]): boolean {
    return names.every((name) => this.child(name));
  }
  modules(...names: readonly string[]): boolean {
    return names.every((name) => this.module(name));
  }
  /** Whether a module child is of that kind. */
  hasKind(kind: number): boolean {
    return this.kindMark[kind] === this.node + 1;
  }
  /** Shape of a child entry; undefined when there is none or it is no tensor. */
  shape(name: string): readonly number[] | undefined {
    if (!this.entry(name)) return undefined;
    const index = this.tree.shape[this.entryNode[this.idOf(name)]!]!;
    return index === NO_SHAPE ? undefined : this.tree.shapes[index];
  }
  /** Dimensions of a child tensor; -1 when there is none. */
  rank(name: string): number {
    return this.shape(name)?.length ?? -1;
  }
  kindOf(name: string): number {
    return this.module(name) ? this.kind[this.moduleNode[this.idOf(name)]!]! : 0;
  }
  /** Whether the module's own name looks like that. */
  named(hint: HintName): boolean {
    return this.isNamed(this.tree.label[this.node]!, hint);
  }
  isNamed(label: number, hint: HintName): boolean {
    return (this.hintsOf(label) & (1 << HINT_NAMES.indexOf(hint))) !== 0;
  }
  isNumbered(label: number): boolean {
    return this.isNumber[label] === 1;
  }

  /** A Variable of flax.nnx may be written as a node with one child (`kernel.value`): it is an entry all the same. */
  holdsValue(node: number): boolean {
    const { end, label, shape } = this.tree;
    return end[node] === node + 2 && shape[node + 1] !== NO_SHAPE && this.nameId(label[node + 1]!) === VALUE;
  }

  private hintsOf(label: number): number {
    const known = this.hints[label]!;
    if (known !== UNKNOWN) return known;
    let bits = 0;
    if (this.isNumber[label] === 0) {
      const text = this.textOf(label);
      HINT_NAMES.forEach((name, i) => {
        if (HINT[name].test(text)) bits |= 1 << i;
      });
    }
    this.hints[label] = bits;
    return bits;
  }

  private nameId(label: number): number {
    const known = this.nameOf[label]!;
    if (known !== UNKNOWN) return known;
    // TensorFlow numbers what an operation gives: `kernel:0`.
    const id = VOCABULARY.get(this.textOf(label).replace(/:0$/, '')) ?? 0;
    this.nameOf[label] = id;
    return id;
  }

  /** No module name anybody gave is longer; it also bounds what a regular expression sees. */
  private textOf(label: number): string {
    const start = this.tree.labelStart[label]!;
    const end = Math.min(this.tree.labelStart[label + 1]!, start + 64);
    return decoder.decode(this.tree.labelBytes.subarray(start, end));
  }

  private idOf(name: string): number {
    const id = this.names.get(name);
    // A rule that asks for a name outside the vocabulary could never be true.
    if (id === undefined) throw new RangeError(`${name} is not in the vocabulary of module kinds`);
    return id;
  }

  private numberOf(label: number): number {
    const { labelBytes, labelStart } = this.tree;
    let value = 0;
    for (let at = labelStart[label]!; at < labelStart[label + 1]!; at++) value = value * 10 + labelBytes[at]! - 0x30;
    return value;
  }
}

const mix = (hash: number, value: number): number => {
  const h = Math.imul(hash ^ value ^ (hash >>> 15), 0x85ebca6b);
  return Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
};

/** Every name a rule may ask for. */
const VOCABULARY: ReadonlyMap<string, number> = new Map(
  `weight bias weight_v running_mean running_var mean var moving_mean moving_variance kernel scale embedding embeddings vars affine gamma beta num_batches_tracked
   in_proj_weight q_proj_weight weight_ih_l0 weight_hh_l0 weight_ih weight_hh
   lora_A lora_B lora_a lora_b lora_down lora_up lora_embedding_A lora_embedding_B
   qweight scales weight_packed
   q_proj k_proj v_proj o_proj out_proj query key value query_dense key_dense value_dense to_q to_k to_v q k v o wq wk wv wo q_lin k_lin v_lin
   qkv proj qkv_proj query_key_value Wqkv c_attn c_proj c_fc q_a_proj q_b_proj kv_a_proj_with_mqa kv_b_proj
   attn_q attn_k attn_v attn_qkv attn_output ffn_up ffn_down ffn_down_exps ffn_gate self output intermediate attention
   gate_proj up_proj down_proj gate_up_proj fc1 fc2 w1 w2 w3 wi wi_0 wi_1 lin1 lin2 linear1 linear2 linear_1 linear_2
   fc_in fc_out dense_h_to_4h dense_4h_to_h experts gate router
   word_embeddings position_embeddings token_type_embeddings
   conv1 conv2 conv3 bn1 bn2 bn3 layer1
   signature demos exp_avg exp_avg_sq momentum_buffer square_avg mu nu state param_groups`
    .split(/\s+/)
    .map((name, i) => [name, i + 1]),
);
const VALUE = VOCABULARY.get('value');
