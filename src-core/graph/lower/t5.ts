import type { Assumptions } from '../assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import type { InputSpec } from '../graph.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering, Ports } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { scaleOf } from '../normalise.ts';
import { add, linear, multiply, scalar } from '../operators.ts';
import { SAMPLE_LENGTH, sequenceInput } from '../sequence-input.ts';
import { findT5, findT5Block, findT5Stack, type T5Part, tableOf } from '../t5.ts';

/** Attention, in a decoder also to what the encoder gave, and a feed-forward part: each normalises first, and is added. */
const blockLowering: Lowering = {
  kind: 'T5 block',
  takes: (module) => findT5Block(module) !== undefined,
  inputs: (module) => {
    const { self, cross } = findT5Block(module)!;
    return sequenceInputs(self.norm, cross !== undefined);
  },
  lower: (module, { input, memory, table }, assume, g) => {
    const { self, cross, feed } = findT5Block(module)!;
    const parts = cross ? [self, cross, feed] : [self, feed];
    refuseRest(
      module,
      parts.flatMap(({ norm, inside }) => [norm, inside]),
    );
    const run = (x: Value, { layer, norm, inside }: T5Part, more: Ports = {}): Value => {
      const { output } = g.lower(inside, { ...more, input: g.apply(norm, x) });
      const sum = add(g, x, output!);
      g.tap(layer.path, sum);
      return sum;
    };
    if (cross) {
      const why = 'a block that looks at an encoder is of a decoder: a token sees none after it';
      assume.suggest(self.inside.path, 'causal', { value: true, source: 'shape', why });
    }
    let x = run(input!, self, table && { table });
    if (cross) x = run(x, cross, { memory: memory! });
    return { output: run(x, feed) };
  },
};

/** The encoder or the decoder by itself: of tokens where it holds their table, or of what stands for them. */
const stackLowering = (kind: 'T5 encoder' | 'T5 decoder'): Lowering => ({
  kind,
  takes: (module) => findT5Stack(module)?.isDecoder === (kind === 'T5 decoder'),
  inputs: (module) => {
    const { norm, tokens, isDecoder } = findT5Stack(module)!;
    const inputs = sequenceInputs(norm, isDecoder);
    return tokens ? [tokensInput('tokens', tokens), ...inputs.slice(1)] : inputs;
  },
  lower: (module, { input, tokens: ids, memory }, _, g) => {
    const stack = findT5Stack(module)!;
    const { blocks, norm, tokens } = stack;
    refuseRest(module, [...blocks, norm, ...(tokens ? [tokens] : [])]);
    const table = tableOf(stack);
    const more = { ...(memory && { memory }), ...(table && { table: g.weight(table) }) };
    const embedded = ids && tokens ? g.apply(tokens, ids) : input!;
    return { output: g.apply(norm, g.chain(blocks, embedded, more)) };
  },
});

/** A table of tokens, an encoder, a decoder that sees what it gave, and the next token; or the encoder alone. */
const modelLowering: Lowering = {
  kind: 'T5',
  takes: (module) => findT5(module) !== undefined,
  inputs: (module) => {
    const { tokens, decoder } = findT5(module)!;
    return [tokensInput('tokens', tokens), ...(decoder ? [tokensInput('decoder_tokens', tokens)] : [])];
  },
  lower: (module, { tokens: ids, decoder_tokens: decoderIds }, assume, g) => {
    const { tokens, encoder, decoder, head } = findT5(module)!;
    refuseRest(module, [tokens, encoder, ...(decoder ? [decoder] : []), ...(head ? [head] : [])]);
    const run = (stack: ModuleNode, some: Value, more: Ports = {}): Value =>
      g.lower(stack, { ...more, input: g.apply(tokens, some) }).output!;
    const memory = run(encoder, ids!);
    if (!decoder) return { output: memory };
    const hidden = run(decoder, decoderIds!, { memory });
    return { logits: tellTokens(module, hidden, assume, g) };
  },
};

export const t5Lowerings: readonly Lowering[] = [
  modelLowering,
  stackLowering('T5 encoder'),
  stackLowering('T5 decoder'),
  blockLowering,
];

const sequenceInputs = (norm: ModuleNode, isDecoder: boolean): readonly InputSpec[] => {
  const width = scaleOf(norm)?.shape[0] ?? 1;
  return [sequenceInput(width), ...(isDecoder ? [sequenceInput(width, 'memory')] : [])];
};

const tokensInput = (name: string, tokens: ModuleNode): InputSpec => ({
  name,
  dtype: 'i64',
  meaning: 'tokens',
  below: findTensor(tokens, 'weight')?.shape[0] ?? 1,
  dims: [
    { size: 1, free: 'batch' },
    { size: SAMPLE_LENGTH, free: 'sequence' },
  ],
});

/** Where the table of tokens is the head too, what goes in is divided by the root of its features. */
function tellTokens(module: ModuleNode, hidden: Value, assume: Assumptions, g: GraphBuilder): Value {
  const { tokens, head } = findT5(module)!;
  const width = hidden.shape[2] as number;
  const configured = assume.configFlag('scale_decoder_outputs') ?? assume.configFlag('tie_word_embeddings');
  const isTied = configured ?? head === undefined;
  const scale = assume.ask(module.path, 'logit_scale', {
    value: isTied ? width ** -0.5 : 1,
    source: configured === undefined ? 'name' : 'file',
    why: isTied
      ? 'where the table of tokens is the head too, T5 divides by the root of the features'
      : 'with a head of its own T5 divides by nothing',
  });
  const scaled = scale === 1 ? hidden : multiply(g, hidden, scalar(g, scale));
  if (head) return g.apply(head, scaled);
  const table = findTensor(tokens, 'weight');
  if (!table) throw notRunnable(module, 'it has no table of tokens', 'Open the file that has it');
  return linear(g, scaled, g.weight(table));
}
