import type { StateDict } from '../../model/state-dict.ts';
import { declared, isDerived } from './check-written.ts';
import type { EditRules } from './edit-rules.ts';
import { isSameItem } from './json-node.ts';
import type { ObjectNode, TextNode } from './tree.ts';
import type { ObjectJson, TreeChange } from './tree-change.ts';

/** Metadata that a text has a place for: what DSPy says beside its predictors is a member of its own. */
export function changeMetadata(
  before: StateDict,
  after: StateDict,
  root: TextNode,
  rules: EditRules,
  change: TreeChange,
): void {
  if (before.metadata === after.metadata) return;
  const [was, is] = [before.metadata.filter(isDerived), after.metadata.filter(isDerived)];
  const at = is.findIndex((item, i) => !was[i] || !isSameItem(item, was[i]));
  const other = is[at] ?? was[is.length];
  if (other) rules.fail(other.key, 'this metadata follows from the text of the file');
  const items = declared(after);
  const [first] = items;
  if (root.kind !== 'object' || before.dialect !== 'dspy') {
    if (first) rules.fail(first.key, 'the file has no place for metadata');
    return;
  }
  for (const { key, value } of items) {
    const why = rules.refuseNode(value);
    if (why !== undefined) rules.fail(key, why);
  }
  setMember(root, { kind: 'object', members: items.map(({ key, value }) => [key, value] as const) }, change);
}

function setMember(root: ObjectNode, next: ObjectJson, change: TreeChange): void {
  const key = 'metadata';
  const index = root.members.findLastIndex((member) => member.key === key);
  const member = root.members[index];
  if (next.members.length === 0) {
    if (member) change.remove(root, index);
  } else if (member) change.setNode(member.value, next, { container: root, index, key });
  else change.insert(root, { after: root.members.length - 1, key, node: next });
}
