import type { Outline } from '../load/outline.ts';
import { parsePrintout } from '../load/parse-printout.ts';
import { findPolicy, LOAD_POLICIES, plan } from '../load/plan.ts';
import type { LoadPolicy, LoadPolicyInfo } from '../load/policy.ts';
import { proposeEdits } from '../load/propose-edits.ts';
import type { LoadOptions, LoadReport } from '../load/report.ts';
import { type LoadTable, tabulate } from '../load/tabulate.ts';
import type { Edit } from '../model/edit.ts';
import { readJsonText } from '../model/json-text.ts';
import type { JsonNode, StateDict } from '../model/state-dict.ts';
import { outlineState } from './outline-document.ts';

/**
 * What is loaded into, or loaded: the state of an opened document, a declared module or state dict in the forms of
 * docs/operations.md, or what a program printed of one.
 */
export type LoadSide =
  | { readonly state: StateDict }
  | { readonly declaration: JsonNode }
  | { readonly printout: string };

/** The policies there are, in the order of their systems: what each does about every kind of difference. */
export const listLoadPolicies = (): readonly LoadPolicyInfo[] => LOAD_POLICIES.map(({ plan: _, ...info }) => info);

/**
 * What would happen if `source` were loaded into `target` as the system of `policy` does it: no bytes are read, nothing is changed,
 * no library is needed. What the system would raise is a part of the report.
 *
 * @throws `bad-input` for a policy that is not there, and for a declaration, printout or rule that cannot be read; `raised` where the
 * system refuses the declared module itself.
 */
export async function planLoad(
  target: LoadSide,
  source: LoadSide,
  policy: string,
  options: LoadOptions = {},
): Promise<LoadReport> {
  const found = findPolicy(policy);
  return plan(await outlineSide(target, found), await outlineSide(source, found), found, options);
}

/** What `planLoad` tells, as rows that can be counted, sorted and worded one by one: for lists of any length. */
export async function tabulateLoad(
  target: LoadSide,
  source: LoadSide,
  policy: string,
  options: LoadOptions = {},
): Promise<LoadTable> {
  const found = findPolicy(policy);
  const [into, from] = [await outlineSide(target, found), await outlineSide(source, found)];
  return tabulate(plan(into, from, found, options), into, from, options);
}

/**
 * Edits of `source` that would let it be loaded, where that takes no guessing: renames of keys that differ by a known prefix or are
 * most like one another and of one shape, casts, reshapes that keep every element. They are for the log of edits, in this order.
 */
export async function proposeLoadEdits(
  target: LoadSide,
  source: LoadSide,
  policy: string,
  options: LoadOptions = {},
): Promise<readonly Edit[]> {
  const found = findPolicy(policy);
  return proposeEdits(await outlineSide(target, found), await outlineSide(source, found), found, options);
}

/** A pasted text: a declaration if it is JSON with its forms, else a printout. */
export function readLoadText(text: string): LoadSide {
  if (!/^\s*\{/.test(text) || !FORM.test(text)) return { printout: text };
  return { declaration: readJsonText(text, 'declaration') };
}

/** A `$` alone is no sign: JSON schemas, which agents save, have `$ref` and `$defs`. */
const FORM = /"\$(?:module|list|moduledict|parameter|buffer|weight|tensor|variable|entry|key|dict|namedtuple)"\s*:/;

async function outlineSide(side: LoadSide, policy: LoadPolicy): Promise<Outline> {
  if ('state' in side) return outlineState(side.state);
  if ('printout' in side) return parsePrintout(side.printout);
  const { outlineDeclaration } = await import('./outline-declaration.ts');
  return outlineDeclaration(side.declaration, policy);
}
