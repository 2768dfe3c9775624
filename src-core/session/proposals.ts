import type { Edit } from '../model/edit.ts';
import type { RenameRule } from '../model/keys/rename-rules.ts';
import { findPacked } from '../model/packed/find-packed.ts';
import { type EntryId, ROLE_ORDER, type RoleName, type StateDict } from '../model/state-dict.ts';
import { planRenames } from '../ops/verbs/rename-rules.ts';
import type { Document } from './document.ts';
import { guessRoles } from './guess-roles.ts';
import { planUnpack } from './unpack.ts';

/** An act of one of the systems, or of everyday surgery, that would change this state: rules to look at first, or an edit. */
export type Proposal = { readonly id: string; readonly title: string; readonly count: number } & (
  | { readonly rules: readonly RenameRule[] }
  | { readonly edit: Edit }
);

/** Renames that people write again and again. */
const RENAMES: readonly { readonly id: string; readonly title: string; readonly rules: readonly RenameRule[] }[] = [
  {
    id: 'strip-module',
    title: 'Strip the prefix module. (DataParallel)',
    rules: [{ pattern: '^module\\.', to: '' }],
  },
  {
    id: 'strip-orig-mod',
    title: 'Strip _orig_mod. (torch.compile)',
    rules: [{ pattern: '(^|\\.)_orig_mod\\.', to: '$1' }],
  },
  { id: 'strip-value', title: 'Strip the suffix .value (flax.nnx)', rules: [{ pattern: '\\.value$', to: '' }] },
];

/** What every block of a GGUF file is called by; Caten's rules take any character for a dot, and would hit names of others. */
const GGUF_BLOCK = '^blk\\.\\d+\\.';

const KEPT: readonly (readonly [RoleName, string])[] = [
  ['parameter', 'parameters'],
  ['buffer', 'buffers'],
  ['variable', 'variables'],
  ['optimizer', 'optimiser states'],
];

/** Only what would change something, and can be done: names that would meet are not proposed. */
export async function listProposals(document: Document): Promise<readonly Proposal[]> {
  const { state } = document;
  const proposals: Proposal[] = [];
  const propose = (id: string, title: string, rules: readonly RenameRule[]) => {
    const count = countRenames(state, rules);
    if (count > 0) proposals.push({ id, title, count, rules });
  };
  for (const { id, title, rules } of RENAMES) propose(id, title, rules);
  if (countRenames(state, [{ pattern: GGUF_BLOCK, to: '$&_' }]) > 0) {
    const { GPT2_RULES } = await import('../ops/systems/caten/keys.ts');
    const rules = GPT2_RULES.map(([pattern, to]) => ({ pattern, to }));
    propose('caten-gguf', "Rename by Caten's GGUF rules (GPT-2)", rules);
  }
  const roles = await guessRoles(state);
  if (roles.length > 0) {
    const count = roles.reduce((sum, { keys }) => sum + keys.length, 0);
    const edit = { op: 'set-roles', args: { roles, guess: true } };
    proposals.push({ id: 'guess-variables', title: 'Guess variable types (flax.nnx)', count, edit });
  }
  const packed = findPacked(state).length;
  if (packed > 0) {
    const edit = { op: 'unpack', args: await planUnpack(document) };
    proposals.push({ id: 'unpack', title: 'Unpack packed weights', count: packed, edit });
  }
  proposals.push(...proposeKeeping(state));
  return proposals;
}

function countRenames(state: StateDict, rules: readonly RenameRule[]): number {
  const plan = planRenames(state, rules);
  return 'kind' in plan || plan.collisions.length > 0 ? 0 : plan.renamed.size;
}

function* proposeKeeping({ entries }: StateDict): Generator<Proposal> {
  const { roles, count: total } = entries.columns();
  const counts = new Map<RoleName, EntryId>();
  for (const code of roles) counts.set(ROLE_ORDER[code]!, (counts.get(ROLE_ORDER[code]!) ?? 0) + 1);
  for (const [role, title] of KEPT) {
    const count = counts.get(role) ?? 0;
    if (count === 0 || count === total) continue;
    yield {
      id: `keep-${role}`,
      title: `Keep only ${title}`,
      count,
      edit: { op: 'keep', args: { query: `role:${role}` } },
    };
  }
}
