import { Download, Link2, Save } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { dtypeLabel, familyOf, NO_SHAPE, ROLE_ORDER, ROW_FLAG } from '../../src-core/index.ts';
import { useEditLog } from '../state/edits.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { chooseView, useExplorer } from '../state/explorer.ts';
import { openExport } from '../state/export.ts';
import { useProblemCount } from '../state/health.ts';
import { openSave } from '../state/save.ts';
import { Badge, Guess, toneOf } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { bytesText, exactCount, plural } from '../ui/format.ts';
import { KeyText } from '../ui/KeyText.tsx';
import { mainViews } from '../views/registry.ts';
import { type Target, valueTypeOf } from '../views/view.ts';
import { BackToEntries } from './BackToEntries.tsx';
import { EditMenu } from './EditMenu.tsx';
import { KeyPath } from './KeyPath.tsx';
import s from './MainPane.module.css';
import { PackedFacts } from './PackedFacts.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useTabInView } from './use-tab-in-view.ts';
import { ViewHost } from './ViewHost.tsx';

interface MainPaneProps {
  readonly document: OpenedDocument;
  readonly node: number;
  readonly narrow: boolean;
}

/** What is selected: its name, and the views that have something to say about it. */
export function MainPane({ document, node, narrow }: MainPaneProps) {
  const problems = useProblemCount(document.id) ?? 0;
  const edits = useEditLog(document.id).cursor;
  const chosen = useExplorer(document.id)?.view ?? null;
  const { panel, ...focus } = useKeptFocus<HTMLDivElement>();
  const target: Target = { document, node };
  const views = mainViews(target);
  const view = views.find((v) => v.id === chosen) ?? views.find((v) => !v.onDemand) ?? views[0];
  const tabs = useTabInView(view?.id, narrow);
  return (
    <section className={s.main} aria-label="Selection" {...focus}>
      <div className={s.title}>
        {narrow && <BackToEntries />}
        <div className={s.lead}>
          {node === 0 ? <DocumentTitle document={document} /> : <NodeTitle target={{ document, node }} />}
        </div>
        <EditMenu target={target} />
        {edits > 0 && (
          <Button look="primary" onClick={() => void openSave(document)}>
            <Save size={14} aria-hidden="true" />
            Save…
          </Button>
        )}
        {document.summary.tensors > 0 && (
          <Button look="quiet" className={s.export} onClick={() => openExport(document)}>
            <Download size={14} aria-hidden="true" />
            Export
          </Button>
        )}
      </div>
      {view && (
        <Tabs.Root className={s.tabs} value={view.id} onValueChange={(id) => chooseView(document.id, id)}>
          <Tabs.List ref={tabs} className={s.list} aria-label="Views">
            {views.map((v) => (
              <Tabs.Trigger key={v.id} value={v.id} className={s.tab}>
                {v.title}
                {v.id === 'health' && problems > 0 && <i>{exactCount(problems)}</i>}
                {v.id === 'edits' && edits > 0 && <i data-tone="accent">{exactCount(edits)}</i>}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          <Tabs.Content ref={panel} key={view.id} value={view.id} className={s.content}>
            <ViewHost view={view} target={target} />
          </Tabs.Content>
        </Tabs.Root>
      )}
    </section>
  );
}

function DocumentTitle({ document }: { readonly document: OpenedDocument }) {
  return (
    <>
      <h1>
        <KeyText text={document.name} />
      </h1>
      <span className={s.facts}>
        {document.formatLabel}
        {document.files.length > 1 && ` · ${document.files.length} files`}
      </span>
    </>
  );
}

/** The key, each part a way up; what it is beside it. */
function NodeTitle({ target }: { readonly target: Target }) {
  const { document, node } = target;
  const { tree } = document;
  const type = valueTypeOf(target);
  const dtype = tree.dtype[node]!;
  const shape = tree.shape[node]!;
  const flags = tree.flags[node]!;
  const role = ROLE_ORDER[tree.role[node]!] ?? 'unknown';
  const kind = tree.kind[node]!;
  return (
    <>
      <KeyPath target={target} />
      <span className={s.facts}>
        {type !== undefined && dtype > 0 && (
          <Badge tone={toneOf(familyOf(tree.dtypes[dtype - 1]!))}>{dtypeLabel(tree.dtypes[dtype - 1]!)}</Badge>
        )}
        {type !== undefined && dtype === 0 && <Badge tone={toneOf(type)}>{type}</Badge>}
        {type === undefined && kind > 0 && <span>{tree.kinds[kind]}</span>}
        {shape !== NO_SHAPE && type !== undefined && (
          <span className="mono">{tree.shapes[shape]!.length === 0 ? 'scalar' : tree.shapes[shape]!.join(' × ')}</span>
        )}
        {type === 'tensor' && document.summary.packed && <PackedFacts document={document} row={tree.entry[node]!} />}
        {tree.bytes[node]! > 0 && <span>{bytesText(tree.bytes[node]!)}</span>}
        {type !== undefined && role !== 'unknown' && (
          <span>
            {(flags & ROW_FLAG.guessedRole) === 0 ? (
              role
            ) : (
              <Guess title={`${role}: a guess, the file does not say`}>{role}</Guess>
            )}
          </span>
        )}
        {type === undefined && <span>{plural(tree.entries[node]!, 'entry', 'entries')} below</span>}
        {(flags & ROW_FLAG.tied) !== 0 && (
          <span className={s.tied}>
            <Link2 size={12} aria-hidden="true" /> tied
          </span>
        )}
        {(flags & ROW_FLAG.absent) !== 0 && <Badge tone="warn">not here</Badge>}
      </span>
    </>
  );
}
