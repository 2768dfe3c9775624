import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import type { ComparedDocument } from '../state/engine.ts';
import { entryOf } from '../state/explorer.ts';
import { resolutionOf, resolveNode, setRest, takesFor, useMerging } from '../state/merging.ts';
import { listConflicts, type ThreeWayFound, verdictOfMerge } from '../state/three-way.ts';
import { keyOfNode, nodeAtKey, nodeAtPath } from '../state/tree-labels.ts';
import { Button } from '../ui/Button.tsx';
import { exactCount } from '../ui/format.ts';
import { wordConflict } from '../views/merge-words.ts';
import { ResolutionChoice } from '../views/resolution-choice.tsx';
import dialogs from './dialogs.module.css';
import s from './MergeDecisions.module.css';

interface MergeDecisionsProps {
  readonly comparison: ComparedDocument;
  readonly found: ThreeWayFound;
}

/** What becomes of conflicts: of all, of modules and entries that a person names, of each by itself. */
export function MergeDecisions({ comparison, found }: MergeDecisionsProps) {
  const { choices, rest } = useMerging();
  const { tree } = comparison;
  const conflicts = useMemo(() => listConflicts(comparison, found, 0), [comparison, found]);
  const inConflict = new Set(conflicts.pairs.map((pair) => tree.nodeOfEntry[pair]!));
  const named = Object.keys(choices).flatMap((path) => {
    const node = nodeAtPath(tree, path);
    return node === undefined || inConflict.has(node) ? [] : [node];
  });
  const more = conflicts.count - conflicts.pairs.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className={s.decisions} aria-label="Decisions" tabIndex={0}>
      <table className={s.table}>
        <thead className="unseen">
          <tr>
            <th scope="col">What</th>
            <th scope="col">What becomes of it</th>
          </tr>
        </thead>
        <tbody>
          {conflicts.count > 0 && (
            <tr>
              <th scope="row">Conflicts that are not decided below</th>
              <td>
                <ResolutionChoice
                  label="Conflicts that are not decided below"
                  value={rest}
                  takes={takesFor(comparison, 0)}
                  otherwise="Stay as A has them"
                  onChange={setRest}
                />
              </td>
            </tr>
          )}
          {named.map((node) => (
            <tr key={node}>
              <th scope="row">
                <span className="mono">{node === 0 ? 'All entries' : keyOfNode(tree, node)}</span>
                <span>{entryOf(comparison, node) === undefined ? 'also what is no conflict' : 'not in conflict'}</span>
              </th>
              <td>
                <ResolutionChoice
                  label={node === 0 ? 'All entries' : keyOfNode(tree, node)}
                  value={resolutionOf(comparison, node, choices)}
                  takes={takesFor(comparison, node)}
                  otherwise="as if it were not named"
                  onChange={(next) => resolveNode(comparison, node, next)}
                />
              </td>
            </tr>
          ))}
          {conflicts.pairs.map((pair) => {
            const node = tree.nodeOfEntry[pair]!;
            const key = keyOfNode(tree, node);
            return (
              <tr key={pair}>
                <th scope="row">
                  <span className="mono">{key}</span>
                  <span>{wordConflict(verdictOfMerge(found, pair).conflict)}</span>
                </th>
                <td>
                  <ResolutionChoice
                    label={key}
                    value={resolutionOf(comparison, node, choices)}
                    takes={takesFor(comparison, node)}
                    otherwise="as above"
                    onChange={(next) => resolveNode(comparison, node, next)}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {more > 0 && <p className={s.more}>and {exactCount(more)} more: name their modules, or choose for all</p>}
      <AddDecision comparison={comparison} />
    </section>
  );
}

/** Names that are offered; the rest is typed. */
const OFFERED = 300;

/** A module or an entry that a person decides about, whether or not it is in conflict. */
function AddDecision({ comparison }: { readonly comparison: ComparedDocument }) {
  const id = useId();
  const [text, setText] = useState('');
  const { tree } = comparison;
  const node = text.trim() === '*' ? 0 : nodeAtKey(tree, text.trim());
  const modules = useMemo(() => listModules(comparison), [comparison]);
  const add = () => {
    if (node === undefined || text.trim() === '') return;
    resolveNode(comparison, node, { take: 'b', share: '0.5' });
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    add();
  };
  return (
    <div className={s.add}>
      <input
        className={`mono ${dialogs.field}`}
        aria-label="Module or entry to decide about"
        placeholder="A module or an entry, or * for all"
        list={id}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <datalist id={id}>
        {modules.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button disabled={node === undefined || text.trim() === ''} onClick={add}>
        Decide
      </Button>
    </div>
  );
}

function listModules(comparison: ComparedDocument): readonly string[] {
  const { tree } = comparison;
  const names: string[] = [];
  for (let node = 1; node < tree.count && names.length < OFFERED; node++)
    if (entryOf(comparison, node) === undefined) names.push(keyOfNode(tree, node));
  return names;
}
