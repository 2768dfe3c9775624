import { type Derivation, dtypeLabel, type Storage, sliceShape } from '../../../src-core/index.ts';
import { plural, shapeText } from '../../ui/format.ts';

/** How a derived storage came about, the first step first: `from f32 [4, 4]`, `3 runs of values set`, `cast to bf16`. */
export function derivationSteps({ data }: Storage): string[] {
  if (data.kind !== 'derived') return [];
  const { expr, inputs } = data;
  const step = wordStep(expr);
  const [input] = inputs;
  // Chunks are how it is stored, not what it was before.
  if (!input || expr.kind === 'chunks') return [step];
  const { dtype, shape } = input.value;
  const earlier = derivationSteps(input.storage);
  return [...(earlier.length > 0 ? earlier : [`from ${dtypeLabel(dtype)} ${shapeText(shape)}`]), step];
}

function wordStep(expr: Derivation): string {
  switch (expr.kind) {
    case 'patch':
      return `${plural(expr.runs.length, 'run')} of values set`;
    case 'place':
      return `a part of ${shapeText(sliceShape(expr.slice))} put in`;
    case 'dense':
      return 'laid out anew';
    case 'reinterpret':
      return `bytes read as ${dtypeLabel(expr.dtype)}`;
    case 'cast':
      return `cast to ${dtypeLabel(expr.dtype)}`;
    case 'dequantise':
      return `what blocks of ${dtypeLabel(expr.dtype)} stand for`;
    case 'chunks':
      return `put together from ${plural(expr.places.length, expr.shard ? 'shard' : 'chunk')} of ${shapeText(expr.chunk)}`;
    case 'quantise':
      return `made blocks of ${dtypeLabel(expr.dtype)}`;
    case 'affine':
      return `× ${expr.scale} ${expr.shift < 0 ? '−' : '+'} ${Math.abs(expr.shift)}`;
    case 'combine':
      return `summed with weights ${expr.weights.join(', ')}`;
    case 'low-rank':
      return `LoRA baked, × ${expr.scale}`;
    case 'unpack':
      return `unpacked (${expr.packing.scheme}) to ${dtypeLabel(expr.dtype)}`;
    case 'fill':
      return 'filled with one value';
    case 'varints':
      return 'unpacked from numbers of varying length';
    case 'scatter':
      return `the elements of a sparse tensor (${expr.layout}) in their places`;
    case 'random':
      return `filled with ${expr.draw.kind} random numbers, seed ${expr.draw.seed}`;
  }
}
