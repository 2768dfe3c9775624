import type { Rule } from './facts.ts';
import { checkAlignment } from './structure/alignment.ts';
import { checkConfig } from './structure/config.ts';
import { checkDeclaredTies } from './structure/declared-ties.ts';
import { findMissingEntries } from './structure/missing-entries.ts';
import { findMissingLayers } from './structure/missing-layers.ts';
import { checkNames } from './structure/names.ts';
import { findOddTensors } from './structure/odd-tensors.ts';

/** Rules that read no tensor. What breaks a format itself is told by its reader. */
export const STRUCTURE_RULES: readonly Rule[] = [
  checkNames,
  findMissingLayers,
  findMissingEntries,
  findOddTensors,
  checkDeclaredTies,
  checkConfig,
  checkAlignment,
];
