import { StateglassError } from '../base/errors.ts';
import { compileRules } from '../model/keys/rename-rules.ts';
import type { Outline } from './outline.ts';
import { caten } from './policies/caten.ts';
import { catenSilent } from './policies/caten-silent.ts';
import { dspy } from './policies/dspy.ts';
import { flaxFromStateDict } from './policies/flax-from-state-dict.ts';
import { inoxCombine } from './policies/inox-combine.ts';
import { inoxUpdateState } from './policies/inox-update-state.ts';
import { maxNonstrict } from './policies/max-nonstrict.ts';
import { maxStrict } from './policies/max-strict.ts';
import { msgflux } from './policies/msgflux.ts';
import { msgfluxFixed } from './policies/msgflux-fixed.ts';
import { nnxMerge } from './policies/nnx-merge.ts';
import { nnxReplaceByPureDict } from './policies/nnx-replace-by-pure-dict.ts';
import { nnxUpdate } from './policies/nnx-update.ts';
import { torchAssign } from './policies/torch-assign.ts';
import { torchNonstrict } from './policies/torch-nonstrict.ts';
import { torchStrict } from './policies/torch-strict.ts';
import type { LoadPolicy } from './policy.ts';
import { renameOutline } from './rename-outline.ts';
import type { LoadOptions, LoadReport } from './report.ts';
import { suggestKeys } from './suggest.ts';

export const LOAD_POLICIES: readonly LoadPolicy[] = [
  torchStrict,
  torchNonstrict,
  torchAssign,
  maxStrict,
  maxNonstrict,
  caten,
  catenSilent,
  nnxReplaceByPureDict,
  nnxUpdate,
  nnxMerge,
  flaxFromStateDict,
  inoxUpdateState,
  inoxCombine,
  msgflux,
  msgfluxFixed,
  dspy,
];

/** @throws `bad-input` for a policy that is not there. */
export function findPolicy(id: string): LoadPolicy {
  const policy = LOAD_POLICIES.find((one) => one.id === id);
  if (policy) return policy;
  const ids = LOAD_POLICIES.map((one) => one.id).join(', ');
  throw new StateglassError({ kind: 'bad-input', detail: `no policy "${id}"; there are ${ids}` });
}

/** What the policy's system does when `source` is loaded into `target`. Pure: neither is changed, no bytes are read. */
export function plan(target: Outline, source: Outline, policy: LoadPolicy, options: LoadOptions = {}): LoadReport {
  const { error, returns, ...lists } = policy.plan(target, renameSource(source, options), options);
  return {
    policy: policy.id,
    error,
    ...lists,
    ...(returns !== undefined && { returns }),
    suggestions: suggestKeys(lists.missing, [...lists.unexpected, ...lists.added]),
  };
}

/** The source as it is loaded: its keys through the rules. */
export const renameSource = (source: Outline, { map }: LoadOptions): Outline =>
  map && map.length > 0 ? renameOutline(source, compileRules(map)) : source;
