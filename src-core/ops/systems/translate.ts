import { type Datum, isList, isTagged, isTensor, type Member, type Pair, type Tagged, type Weight } from './data.ts';
import type { SystemName } from './operation.ts';

/**
 * A declaration in the words of one system: a MAX Weight is a Parameter in PyTorch and a tensor in Caten, a buffer is a
 * StateEntry in inox. What the system has its own word for stays, and so does sharing: one object becomes one object.
 */
export function translate(root: Datum, system: SystemName): Datum {
  const word = WORDS[system];
  if (!word) return root;
  const done = new Map<Datum, Datum>();
  const visit = (datum: Datum): Datum => {
    if (!isList(datum) && !isTagged(datum)) return datum;
    const held = done.get(datum);
    if (held !== undefined) return held;
    const translated = isList(datum) ? datum.map(visit) : visitTagged(datum);
    done.set(datum, translated);
    return translated;
  };
  const visitTagged = (datum: Tagged): Datum => {
    if (datum.kind === 'module')
      return { ...datum, members: datum.members.map(([name, value]): Member => [name, visit(value)]) };
    if (datum.kind === 'dict') return { ...datum, items: datum.items.map(([key, value]): Pair => [key, visit(value)]) };
    if (datum.kind === 'tuple') return { ...datum, items: datum.items.map(visit) };
    if (datum.kind === 'shared' && system !== 'max') return visit(datum.weight);
    return word(datum);
  };
  return visit(root);
}

const tensorOf = ({ dtype, shape }: Weight): Datum => ({ kind: 'tensor', dtype, shape });
const asParameter = (datum: Tagged): Datum =>
  datum.kind === 'weight' ? { kind: 'parameter', value: tensorOf(datum), requiresGrad: true } : datum;
const asVariable = (type: string, value: Datum): Datum => ({ kind: 'variable', type, bases: [], value, metadata: [] });

const WORDS: Readonly<Partial<Record<SystemName, (datum: Tagged) => Datum>>> = {
  msgflux: asParameter,
  torch: asParameter,
  inox: (datum) => (datum.kind === 'buffer' ? { kind: 'entry', value: datum.value } : asParameter(datum)),
  nnx: (datum) => {
    if (datum.kind === 'weight') return asVariable('Param', tensorOf(datum));
    if (datum.kind === 'parameter') return asVariable('Param', datum.value);
    // flax has no plain buffers: a Variable of no particular class.
    return datum.kind === 'buffer' ? asVariable('Variable', datum.value) : datum;
  },
  // Values come with load_state_dict: a declared one starts from zero.
  max: (datum) => {
    if ((datum.kind !== 'parameter' && datum.kind !== 'buffer') || !isTensor(datum.value)) return datum;
    return { kind: 'weight', dtype: datum.value.dtype, shape: datum.value.shape };
  },
  caten: (datum) => {
    if (datum.kind === 'weight') return tensorOf(datum);
    return (datum.kind === 'parameter' || datum.kind === 'buffer') && isTensor(datum.value) ? datum.value : datum;
  },
};
