/** How each library names and shapes what it packs. Sources: the libraries' own packing code. */
import { countElements, type DType } from '../../tensor/dtype.ts';
import type { FindPart, Part } from './find-packed.ts';
import type { PackedConfig, PackedWeight } from './packed-weight.ts';

type Recognise = (key: string, main: Part, find: FindPart, config: PackedConfig) => PackedWeight | undefined;

const FLOATS: ReadonlySet<DType> = new Set(['f16', 'bf16', 'f32']);
const isFloat = (part: Part | undefined): part is Part => part !== undefined && FLOATS.has(part.dtype);
const rowsOf = (...parts: readonly (Part | undefined)[]): number[] => parts.flatMap((part) => part?.row ?? []);

/** What a key begins with where it ends so. */
function stemOf(key: string, end: string): string | undefined {
  return key === end || key.endsWith(`.${end}`) ? key.slice(0, key.length - end.length) : undefined;
}

const WORD = 32;
const whole = (n: number): number | undefined => (Number.isSafeInteger(n) && n > 0 ? n : undefined);

/** `qweight`, `qzeros`, `scales`: AutoGPTQ packs down the columns, AWQ along the rows. */
const quantLinear: Recognise = (key, main, find, { plainZeros }) => {
  const stem = stemOf(key, 'qweight');
  if (stem === undefined || main.dtype !== 'i32' || main.shape.length !== 2) return undefined;
  const [scales, qzeros, order] = ['scales', 'qzeros', 'g_idx'].map((name) => find(`${stem}${name}`));
  if (!isFloat(scales) || !qzeros) return undefined;
  const [words = 0, across = 0] = main.shape;
  const [groups = 0, out = 0] = scales.shape;
  const zeroWords = qzeros.shape[1] ?? 0;
  if (scales.shape.length !== 2 || qzeros.shape[0] !== groups) return undefined;
  const shared = { key: `${stem}weight`, row: main.row };
  if (out === across) {
    const bits = whole((zeroWords * WORD) / out);
    const inputs = bits && whole((words * WORD) / bits);
    if (!bits || !inputs || ![2, 3, 4, 8].includes(bits)) return undefined;
    const isOrdered = order?.dtype === 'i32' && order.shape[0] === inputs;
    return {
      ...shared,
      scheme: 'gptq',
      bits,
      group: Math.ceil(inputs / groups),
      elements: inputs * out,
      parts: rowsOf(scales, qzeros, order),
      plan: {
        packing: { scheme: 'gptq', bits, zeroShift: plainZeros ? 0 : 1, order: isOrdered },
        inputs: rowsOf(main, scales, qzeros, isOrdered ? order : undefined),
        dtype: scales.dtype,
        shape: [out, inputs],
        transposed: true,
      },
    };
  }
  if (out !== across * 8 || zeroWords !== across) return undefined;
  return {
    ...shared,
    scheme: 'awq',
    bits: 4,
    group: Math.ceil(words / groups),
    elements: words * out,
    parts: rowsOf(scales, qzeros),
    plan: {
      packing: { scheme: 'awq' },
      inputs: rowsOf(main, qzeros, scales),
      dtype: scales.dtype,
      shape: [out, words],
      transposed: true,
    },
  };
};

/** `weight` u32, `scales`, `biases`: what 32 bits hold depends on config.json, and is four of eight without it. */
const mlx: Recognise = (key, main, find, { bits = 4 }) => {
  const stem = stemOf(key, 'weight');
  if (stem === undefined || main.dtype !== 'u32') return undefined;
  const [scales, biases] = ['scales', 'biases'].map((name) => find(`${stem}${name}`));
  if (!isFloat(scales) || !isFloat(biases)) return undefined;
  const [across = 0, groups = 0] = [main.shape.at(-1), scales.shape.at(-1)];
  const columns = whole((across * WORD) / bits);
  const lead = main.shape.slice(0, -1);
  const isLike = `${lead}` === `${scales.shape.slice(0, -1)}` && `${scales.shape}` === `${biases.shape}`;
  if (!columns || !isLike || lead.length === 0 || !whole(columns / groups)) return undefined;
  return {
    key,
    scheme: 'mlx',
    bits,
    group: columns / groups,
    elements: countElements(lead) * columns,
    row: main.row,
    parts: rowsOf(scales, biases),
    plan: {
      packing: { scheme: 'affine', bits },
      inputs: rowsOf(main, scales, biases),
      dtype: scales.dtype,
      shape: [...lead, columns],
      transposed: false,
    },
  };
};

/** compressed-tensors: `weight_packed` of integers, or of fours with a scale for all. */
const compressed: Recognise = (key, main, find, config) => {
  const stem = stemOf(key, 'weight_packed');
  if (stem === undefined || main.shape.length !== 2) return undefined;
  const [scale, zeros, global, shape, order] = ['scale', 'zero_point', 'global_scale', 'shape', 'g_idx'].map((name) =>
    find(`${stem}weight_${name}`),
  );
  if (main.dtype === 'u8' && scale?.dtype === 'f8_e4m3fn' && global) {
    return fours(`${stem}weight`, main, scale, global, 'divisor', find(`${stem}input_global_scale`));
  }
  const [out = 0, across = 0] = main.shape;
  const groups = scale?.shape[1] ?? 0;
  if (main.dtype !== 'i32' || !isFloat(scale) || scale.shape[0] !== out || order) return undefined;
  // Rows of a matrix fill their words, but for widths that nobody has. One scale a row tells nothing of its length.
  const isWidth = (bits: number) => groups === 1 || isGroup((across * WORD) / bits / groups);
  const bits = [...(config.bits === undefined ? [] : [config.bits]), 4, 8, 2].find(isWidth);
  const columns = bits && whole((across * WORD) / bits);
  if (!bits || !columns) return undefined;
  return {
    key: `${stem}weight`,
    scheme: 'int',
    bits,
    ...(groups > 1 && { group: columns / groups }),
    elements: out * columns,
    row: main.row,
    parts: rowsOf(scale, zeros, shape),
    plan: {
      packing: { scheme: 'int', bits, zeroPoints: zeros !== undefined },
      inputs: rowsOf(main, scale, zeros),
      dtype: scale.dtype,
      shape: [out, columns],
      transposed: false,
    },
  };
};

/** Groups that people use. */
const isGroup = (size: number): boolean => [32, 64, 128, 256].includes(size);

const NVFP4_BLOCK = 16;

/** ModelOpt: `weight` u8, `weight_scale`, `weight_scale_2`. */
const modelopt: Recognise = (key, main, find) => {
  const stem = stemOf(key, 'weight');
  if (stem === undefined || main.dtype !== 'u8') return undefined;
  const [scale, second] = ['weight_scale', 'weight_scale_2'].map((name) => find(`${stem}${name}`));
  if (scale?.dtype !== 'f8_e4m3fn' || !second) return undefined;
  return fours(key, main, scale, second, 'factor', find(`${stem}input_scale`));
};

function fours(
  key: string,
  main: Part,
  scale: Part,
  global: Part,
  as: 'factor' | 'divisor',
  input: Part | undefined,
): PackedWeight | undefined {
  const columns = 2 * (main.shape.at(-1) ?? 0);
  const lead = main.shape.slice(0, -1);
  const isLike = `${scale.shape}` === `${[...lead, columns / NVFP4_BLOCK]}` && countElements(global.shape) === 1;
  if (!isLike || lead.length === 0) return undefined;
  return {
    key,
    scheme: 'nvfp4',
    bits: 4,
    group: NVFP4_BLOCK,
    elements: countElements(lead) * columns,
    row: main.row,
    parts: rowsOf(scale, global, input),
    plan: {
      packing: { scheme: 'nvfp4', global: as },
      inputs: rowsOf(main, scale, global),
      dtype: 'bf16',
      shape: [...lead, columns],
      transposed: false,
    },
  };
}

const MXFP4_BYTES = 16;

/** gpt-oss: `NAME_blocks` and `NAME_scales`. The weight is stored [experts, out, in] and used the other way round. */
const mxfp4: Recognise = (key, main, find) => {
  const name = key.endsWith('_blocks') ? key.slice(0, -'_blocks'.length) : undefined;
  const lead = main.shape.slice(0, -1);
  if (name === undefined || main.dtype !== 'u8' || main.shape.at(-1) !== MXFP4_BYTES) return undefined;
  const scales = find(`${name}_scales`);
  if (scales?.dtype !== 'u8' || `${scales.shape}` !== `${lead}` || lead.length < 2) return undefined;
  const columns = lead.at(-1)! * 2 * MXFP4_BYTES;
  const made = [...lead.slice(0, -1), columns];
  const transposed = made.length === 3;
  return {
    key: name,
    scheme: 'mxfp4',
    bits: 4,
    group: 2 * MXFP4_BYTES,
    elements: countElements(made),
    row: main.row,
    parts: rowsOf(scales),
    plan: {
      packing: { scheme: 'mxfp4' },
      inputs: rowsOf(main, scales),
      dtype: 'bf16',
      shape: transposed ? [made[0]!, made[2]!, made[1]!] : made,
      transposed,
    },
  };
};

/** DeepSeek's `weight_scale_inv` for blocks, and `weight_scale` for rows or for all. */
const fp8: Recognise = (key, main, find) => {
  const stem = stemOf(key, 'weight');
  if (stem === undefined || !main.dtype.startsWith('f8_') || main.shape.length !== 2) return undefined;
  const blocks = find(`${stem}weight_scale_inv`);
  const scale = blocks ?? find(`${stem}weight_scale`);
  if (!isFloat(scale)) return undefined;
  const [out = 0, columns = 0] = main.shape;
  const [down = 1, along = 1] = scale.shape.length === 2 ? scale.shape : [countElements(scale.shape)];
  if (![1, out].includes(down) && !(down < out && along <= columns)) return undefined;
  if (scale.shape.length > 2 || (scale.shape.length < 2 && ![1, out].includes(down))) return undefined;
  const isBlocked = along > 1 || (down > 1 && down < out);
  return {
    key,
    scheme: 'fp8',
    bits: 8,
    ...(isBlocked && { group: Math.ceil(columns / along) }),
    elements: out * columns,
    row: main.row,
    parts: rowsOf(scale, find(`${stem}input_scale`), find(`${stem}activation_scale`)),
    plan: {
      packing: { scheme: 'scaled' },
      inputs: rowsOf(main, scale),
      dtype: blocks ? 'bf16' : scale.dtype,
      shape: [out, columns],
      transposed: false,
    },
  };
};

/** LLM.int8(): `weight` i8 and `SCB`. */
const int8: Recognise = (key, main, find) => {
  const stem = stemOf(key, 'weight');
  if (stem === undefined || main.dtype !== 'i8' || main.shape.length !== 2) return undefined;
  const scales = find(`${stem}SCB`);
  const [out = 0, columns = 0] = main.shape;
  if (scales?.dtype !== 'f32' || countElements(scales.shape) !== out) return undefined;
  return {
    key,
    scheme: 'int8',
    bits: 8,
    elements: out * columns,
    row: main.row,
    parts: rowsOf(scales, find(`${stem}weight_format`)),
    plan: {
      packing: { scheme: 'int8' },
      inputs: rowsOf(main, scales),
      dtype: 'f32',
      shape: [out, columns],
      transposed: false,
    },
  };
};

/** `NAME` u8 with `NAME.absmax`, `NAME.quant_map` and the rest in `NAME.quant_state.bitsandbytes__nf4`. */
const bitsandbytes: Recognise = (key, main, find) => {
  if (main.dtype !== 'u8') return undefined;
  const [absmax, map, nestedAbsmax, nestedMap] = ['absmax', 'quant_map', 'nested_absmax', 'nested_quant_map'].map(
    (name) => find(`${key}.${name}`),
  );
  const kind = (['nf4', 'fp4'] as const).find((one) => find(`${key}.quant_state.bitsandbytes__${one}`));
  const state = kind && find(`${key}.quant_state.bitsandbytes__${kind}`);
  if (!kind || !absmax || !map || !state || countElements(map.shape) !== 16) return undefined;
  const elements = 2 * countElements(main.shape);
  const group = whole(2 ** Math.round(Math.log2(elements / countElements(absmax.shape))));
  return {
    key,
    scheme: kind,
    bits: 4,
    ...(group && { group }),
    elements,
    row: main.row,
    parts: rowsOf(absmax, map, nestedAbsmax, nestedMap, state),
    state: state.row,
  };
};

/** Most particular first. */
export const RECOGNISERS: readonly Recognise[] = [
  quantLinear,
  compressed,
  bitsandbytes,
  modelopt,
  mxfp4,
  mlx,
  fp8,
  int8,
];
