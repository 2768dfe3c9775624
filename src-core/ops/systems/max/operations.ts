import { LIMITS } from '../../../base/limits.ts';
import type { Problem } from '../../../model/state-dict.ts';
import type { Arguments } from '../arguments.ts';
import { type Datum, type Dim, dict, type Module, type Pair, type Tensor, tuple, type Weight } from '../data.ts';
import { moduleOf } from '../module-argument.ts';
import { may, need, note, type Operation, outcome, warning } from '../operation.ts';
import { DictBuilder } from '../python-keys.ts';
import { badInput, raised } from '../raise.ts';
import { alignmentOf, checkAlignment, isEncoding, shardRanges, toLogicalShape, toStoredShape } from './encoding.ts';
import { listWeights, readLayer } from './weights.ts';

const MODULE = need('module', 'a declared module');
const PATH = may('path', 'a module below it: attributes joined by dots');

export const MAX_OPERATIONS: readonly Operation[] = [
  {
    id: 'max.state_dict',
    system: 'max',
    summary: 'Values by fully qualified name, breadth first; what is not set is zero',
    args: [
      MODULE,
      may('values', 'values that were loaded, by name'),
      may('auto_initialize', 'false: raise for what is not set'),
    ],
    run: (args) => {
      const problems: Problem[] = [];
      const values = args.optional('values') === undefined ? dict([]) : args.dict('values');
      const result = stateDict(
        moduleOf(args),
        new DictBuilder('max', values),
        args.flag('auto_initialize', true),
        problems,
      );
      return outcome(result, problems);
    },
  },
  {
    id: 'max.raw_state_dict',
    system: 'max',
    summary: 'The weights themselves by fully qualified name',
    args: [MODULE, may('finalised', 'true: with the names that state_dict() or load_state_dict() gives them')],
    run: (args) => {
      const problems: Problem[] = [];
      const finalised = args.flag('finalised', false);
      const rows = listWeights(moduleOf(args), problems).map(({ name, weight }): Pair => {
        const own = name.slice(name.lastIndexOf('.') + 1);
        return [name, { ...weight, name: finalised ? name : (weight.name ?? own) }];
      });
      return outcome(dict(rows), problems);
    },
  },
  {
    id: 'max.layer_weights',
    system: 'max',
    summary: "One layer's weights by their own names, shared ones too",
    args: [MODULE, PATH],
    run: (args) => {
      const { weights } = readLayer(layerOf(args));
      return outcome(dict([...weights].map(([name, weight]): Pair => [name, { ...weight, name }])));
    },
  },
  {
    id: 'max.sublayers',
    system: 'max',
    summary: "One layer's child modules by attribute",
    args: [MODULE, PATH],
    run: (args) => outcome(dict([...readLayer(layerOf(args)).sublayers])),
  },
  {
    id: 'max.build_subgraph',
    system: 'max',
    summary: 'The names that weights have after build_subgraph: placeholders lose the prefix',
    args: [MODULE, need('weight_prefix', 'layers.0.')],
    run: (args) => {
      const prefix = args.text('weight_prefix');
      const rows = listWeights(moduleOf(args)).map(({ name }): Pair => {
        const placeholder = prefix !== '' && name.startsWith(prefix);
        return [
          name,
          dict([
            ['name', placeholder ? name.slice(prefix.length) : name],
            ['placeholder', placeholder],
          ]),
        ];
      });
      return outcome(dict(rows), [
        note('finalised', 'The names have to be final: call state_dict() or load_state_dict() on the model first.'),
      ]);
    },
  },
  {
    id: 'max.quantized_shape',
    system: 'max',
    summary: 'The shape in bytes of a quantised weight',
    args: [need('encoding', 'Q4_0, Q4_K, Q5_K or Q6_K'), need('shape', 'logical dimensions')],
    run: (args) => outcome(toStoredShape(args.text('encoding'), shapeOf(args))),
  },
  {
    id: 'max.logical_shape',
    system: 'max',
    summary: 'The shape in elements of the bytes of a quantised weight',
    args: [need('encoding', 'Q4_0, Q4_K, Q5_K or Q6_K'), need('shape', 'stored dimensions, the last in bytes')],
    run: (args) => outcome(toLogicalShape(args.text('encoding'), shapeOf(args))),
  },
  {
    id: 'max.check_alignment',
    system: 'max',
    summary: 'Whether a value may lie at an address',
    args: [
      need('name', 'the weight'),
      need('address', 'in bytes'),
      need('dtype', 'float32'),
      may('align', "the weight's own alignment in bytes"),
    ],
    run: (args) => {
      const align = args.optional('align') ?? 0n;
      if (typeof align !== 'bigint') throw badInput('"align" has to be a whole number');
      const expected = align === 0n ? alignmentOf(args.text('dtype')) : align;
      checkAlignment(args.text('name'), BigInt(args.count('address')), expected);
      return outcome(expected);
    },
  },
  {
    id: 'max.shard_ranges',
    system: 'max',
    summary: 'Which rows or columns each device has',
    args: [need('size', 'elements along the axis'), need('devices', 'how many')],
    run: (args) =>
      outcome(shardRanges(args.count('size'), args.count('devices')).map((range) => tuple(range.map(BigInt)))),
  },
];

function stateDict(module: Module, values: DictBuilder, initialise: boolean, problems: Problem[]): Datum {
  const rows = listWeights(module, problems).map(({ name, weight }): Pair => {
    const value = values.get(name) ?? null;
    if (value !== null) return [name, value];
    if (!initialise) throw raised('max', 'ValueError', `Weight '${name}' was not initialized.`);
    if (weight.quantizationEncoding !== undefined && !isEncoding(weight.quantizationEncoding))
      throw badInput(`no quantisation encoding "${weight.quantizationEncoding}"`);
    return [name, zerosOf(name, weight, problems)];
  });
  return dict(rows);
}

/** `Buffer.zeros(shape.static_dims)`: symbolic dimensions are dropped. The module remembers the zeros as its value. */
function zerosOf(name: string, weight: Weight, problems: Problem[]): Tensor {
  const shape = weight.shape.filter((dim) => typeof dim === 'bigint');
  if (shape.length < weight.shape.length)
    problems.push(
      warning('symbolic', `${name} has symbolic dimensions [${weight.shape.join(', ')}]: its zeros leave them out.`),
    );
  const count = shape.reduce((n, dim) => n * dim, 1n);
  const zero = /^:?(float|bfloat|f|bf)\d/.test(weight.dtype) ? 0 : 0n;
  return count <= LIMITS.operationElements
    ? { kind: 'tensor', dtype: weight.dtype, shape, data: new Array<Datum>(Number(count)).fill(zero) }
    : { kind: 'tensor', dtype: weight.dtype, shape, fill: zero };
}

function layerOf(args: Arguments): Module {
  let module = moduleOf(args);
  const path = args.textOr('path', '');
  for (const part of path === '' ? [] : path.split('.')) {
    const child = readLayer(module).sublayers.get(part);
    if (!child) throw badInput(`no layer "${part}" in "${path}"`);
    module = child;
  }
  return module;
}

function shapeOf(args: Arguments): readonly Dim[] {
  return args.list('shape').map((dim) => {
    if (typeof dim === 'bigint' || typeof dim === 'string') return dim;
    throw badInput('a dimension has to be a whole number or a text');
  });
}
