import { StateglassError } from '../../base/errors.ts';
import type { JsonNode, MetaItem, StateDict } from '../../model/state-dict.ts';
import type { SaveContext } from '../format.ts';
import { declared } from './check-written.ts';
import { stepsIn } from './entry-steps.ts';
import { interpret } from './interpret.ts';
import { isSameNode } from './json-node.ts';
import { type EditRules, placeEntries } from './place-entries.ts';
import { buildSlots } from './slots.ts';
import type { ObjectNode, TextNode, TextSource } from './tree.ts';
import { TreeChange } from './tree-change.ts';

/** What has to become different in a scanned text so that it is read as the edited state. */
export function planChange(
  { file, format }: TextSource,
  root: TextNode,
  { before, after }: SaveContext,
  refuse: Pick<EditRules, 'refuseNode' | 'refuseKey'>,
  ordered: boolean,
): TreeChange {
  const fail = (detail: string): never => {
    throw new StateglassError({ kind: 'unsupported', file, format, detail });
  };
  const { drafts } = interpret(root);
  if (drafts.length !== before.entries.length)
    throw new StateglassError({
      kind: 'source',
      file,
      detail: 'the file is not what it was when it was opened: open it again',
    });
  const change = new TreeChange(ordered);
  const rules: EditRules = { ...refuse, fail: (key, why) => fail(`"${key}" cannot be written: ${why}`) };
  placeEntries(before, after, buildSlots(root, drafts), stepsIn(before, root), rules, change);
  changeMetadata(
    root,
    before,
    after,
    change,
    (key, why) => fail(`the metadata "${key}" cannot be written: ${why}`),
    refuse,
  );
  return change;
}

/** What DSPy says beside its predictors is a member of its own. Comments and the layout of the file follow from the text. */
function changeMetadata(
  root: TextNode,
  before: StateDict,
  after: StateDict,
  change: TreeChange,
  fail: (key: string, why: string) => never,
  { refuseNode }: Pick<EditRules, 'refuseNode'>,
): void {
  if (before.metadata === after.metadata) return;
  const derived = (state: StateDict) => state.metadata.filter((item) => !declared(state).includes(item));
  const [was, is] = [derived(before), derived(after)];
  const other =
    is.find((item, i) => !isSameItem(item, was[i])) ?? (was.length > is.length ? was[is.length] : undefined);
  if (other) fail(other.key, 'it is not a value of the file but follows from its text');
  const items = declared(after);
  if (root.kind !== 'object' || before.dialect !== 'dspy') {
    if (items[0]) fail(items[0].key, 'the file has no place beside its entries');
    return;
  }
  for (const { key, value } of items) {
    const why = refuseNode(value);
    if (why !== undefined) fail(key, why);
  }
  setMetadata(root, { kind: 'object', members: items.map(({ key, value }) => [key, value] as const) }, change);
}

function setMetadata(root: ObjectNode, next: Extract<JsonNode, { kind: 'object' }>, change: TreeChange): void {
  const index = root.members.findLastIndex(({ key }) => key === 'metadata');
  const member = root.members[index];
  const isGone = next.members.length === 0;
  if (member && isGone) change.remove(root, index);
  else if (member) change.setNode(member.value, next, { container: root, index, key: 'metadata' });
  else if (!isGone) change.insert(root, { after: root.members.length - 1, key: 'metadata', node: next });
}

const isSameItem = (a: MetaItem, b: MetaItem | undefined): boolean =>
  a === b ||
  (b !== undefined &&
    a.section === b.section &&
    a.key === b.key &&
    isSameNode(a.value, b.value, { numbers: 'text', ordered: true }));
