import { StateglassError } from '../../base/errors.ts';
import type { SaveContext } from '../format.ts';
import { changeMetadata } from './change-metadata.ts';
import type { EditRules } from './edit-rules.ts';
import { stepsIn } from './entry-steps.ts';
import { interpret } from './interpret.ts';
import { placeEntries } from './place-entries.ts';
import { buildSlots } from './slots.ts';
import type { TextNode, TextSource } from './tree.ts';
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
  placeEntries(
    before,
    after,
    buildSlots(root, drafts),
    stepsIn({ dialect: before.dialect, layout: after.layout }, root),
    rules,
    change,
  );
  changeMetadata(before, after, root, rules, change);
  return change;
}
