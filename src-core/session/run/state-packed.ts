import type { Assumption } from '../../graph/assumptions.ts';
import type { Graph } from '../../graph/graph.ts';
import { type ModuleNode, tensorsBelow } from '../../graph/module-node.ts';
import type { Packing } from '../../tensor/unpack/packing.ts';
import type { Document } from '../document.ts';

/** Which weights of a graph are unpacked to be computed with, and what from: of each module in turn. */
export function statePacked({ state }: Document, module: ModuleNode, graph: Graph): readonly Assumption[] {
  const tensors = tensorsBelow(module);
  const stated = new Map<string, Assumption>();
  for (const { path } of graph.weights) {
    const row = tensors.get(path)?.row;
    const value = row === undefined ? undefined : state.entries.at(row).value;
    const storage = value?.type === 'tensor' ? value.storage : undefined;
    const data = storage === undefined ? undefined : state.storages.get(storage)?.data;
    if (data?.kind !== 'derived' || data.expr.kind !== 'unpack') continue;
    const of = path.slice(0, Math.max(0, path.lastIndexOf('.')));
    const from = wordScheme(data.expr.packing);
    stated.set(`${of} ${from}`, {
      path: of,
      name: 'weights',
      value: 'unpacked',
      source: 'file',
      why: `stored as ${from} codes with scales`,
      choices: ['unpacked'],
    });
  }
  return [...stated.values()];
}

function wordScheme(packing: Packing): string {
  switch (packing.scheme) {
    case 'gptq':
      return `GPTQ ${packing.bits}-bit`;
    case 'awq':
      return 'AWQ 4-bit';
    case 'affine':
      return `MLX ${packing.bits}-bit`;
    case 'int':
      return `compressed-tensors ${packing.bits}-bit`;
    case 'int8':
      return 'bitsandbytes 8-bit';
    case 'table':
      return 'bitsandbytes 4-bit';
    case 'scaled':
      return 'FP8';
    case 'nvfp4':
      return 'NVFP4';
    case 'mxfp4':
      return 'MXFP4';
  }
}
