import type { Assumptions } from './assumptions.ts';
import { notRunnable } from './build.ts';
import { attentionLowering } from './lower/attention.ts';
import { batchNormLowerings } from './lower/batch-norm.ts';
import { bertLowering } from './lower/bert.ts';
import { bertLayerLowering } from './lower/bert-layer.ts';
import { blockLowering } from './lower/block.ts';
import { conv1dLowering, conv2dLowering } from './lower/conv.ts';
import { convNextLowerings } from './lower/conv-next.ts';
import { convTranspose1dLowering, convTranspose2dLowering } from './lower/conv-transpose.ts';
import { denseNetLowerings } from './lower/dense-net.ts';
import { embeddingLowering } from './lower/embedding.ts';
import { embeddingsLowering } from './lower/embeddings.ts';
import { encoderLayerLowering } from './lower/encoder-layer.ts';
import { fireLowering } from './lower/fire.ts';
import { gatedMlpLowering } from './lower/gated-mlp.ts';
import { gpt2Lowering } from './lower/gpt2.ts';
import { groupNormLowering } from './lower/group-norm.ts';
import { invertedResidualLowering } from './lower/inverted-residual.ts';
import { layerNormLowering } from './lower/layer-norm.ts';
import { layerStackLowering } from './lower/layer-stack.ts';
import { linearLowering } from './lower/linear.ts';
import { gptNeoxLowering, llamaLowering } from './lower/llama.ts';
import { loraLowering } from './lower/lora.ts';
import { mlpLowering } from './lower/mlp.ts';
import { mobileNetLowerings } from './lower/mobile-net.ts';
import { moeLowering } from './lower/moe.ts';
import { momentsLowering } from './lower/moments.ts';
import { multiheadAttentionLowering } from './lower/multihead-attention.ts';
import { cnnLowering, resNetLowering } from './lower/network.ts';
import { normLowering } from './lower/norm.ts';
import { preluLowering } from './lower/prelu.ts';
import { recurrentLowerings } from './lower/recurrent.ts';
import { residualLowerings } from './lower/residual-block.ts';
import { rmsNormLowering } from './lower/rms-norm.ts';
import { sequentialLowering } from './lower/sequential.ts';
import { squeezeExciteLowering } from './lower/squeeze-excite.ts';
import { squeezeNetLowering } from './lower/squeeze-net.ts';
import { t5Lowerings } from './lower/t5.ts';
import { t5AttentionLowering } from './lower/t5-attention.ts';
import { twoLayerMlpLowering } from './lower/two-layer-mlp.ts';
import { vitLowering } from './lower/vit.ts';
import { wrapperLowering } from './lower/wrapper.ts';
import type { Lowering } from './lowering.ts';
import type { ModuleNode } from './module-node.ts';

/** In order: the first that takes a module is what it is taken for; the others are choices. */
export const LOWERINGS: readonly Lowering[] = [
  gpt2Lowering,
  gptNeoxLowering,
  llamaLowering,
  bertLowering,
  vitLowering,
  ...t5Lowerings,
  t5AttentionLowering,
  encoderLayerLowering,
  bertLayerLowering,
  blockLowering,
  layerStackLowering,
  multiheadAttentionLowering,
  attentionLowering,
  ...residualLowerings,
  squeezeExciteLowering,
  invertedResidualLowering,
  ...mobileNetLowerings,
  fireLowering,
  squeezeNetLowering,
  ...denseNetLowerings,
  ...convNextLowerings,
  resNetLowering,
  cnnLowering,
  moeLowering,
  gatedMlpLowering,
  mlpLowering,
  twoLayerMlpLowering,
  loraLowering,
  embeddingsLowering,
  embeddingLowering,
  layerNormLowering,
  rmsNormLowering,
  groupNormLowering,
  normLowering,
  ...batchNormLowerings,
  conv1dLowering,
  conv2dLowering,
  convTranspose1dLowering,
  convTranspose2dLowering,
  preluLowering,
  ...recurrentLowerings,
  linearLowering,
  sequentialLowering,
  momentsLowering,
  wrapperLowering,
];

/** What computes a module. Where several can, the person may say which (`kind`). */
export function chooseLowering(module: ModuleNode, assume: Assumptions): Lowering {
  const able = LOWERINGS.filter((lowering) => lowering.takes(module, assume));
  const first = able[0];
  if (!first)
    throw notRunnable(
      module,
      module.kind === ''
        ? 'its names and shapes are those of no module known here'
        : `${/^([AEIOU]|[FHLMNRSX][A-Z]|MoE)/.test(module.kind) ? 'an' : 'a'} ${module.kind} is not computed here`,
      'Choose a module inside it',
    );
  if (able.length === 1) return first;
  const choices = able.map((lowering) => lowering.kind);
  const why = 'its names and shapes fit it best';
  const kind = assume.ask(module.path, 'kind', { value: first.kind, source: 'name', why, choices });
  return able.find((lowering) => lowering.kind === kind) ?? first;
}
