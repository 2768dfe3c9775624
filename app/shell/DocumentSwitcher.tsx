import { ArrowLeftRight, ChevronDown, FolderOpen, History, Plus, X } from 'lucide-react';
import { compareWithSaved, startComparing } from '../state/compare.ts';
import { titleOf } from '../state/document-titles.ts';
import { useEditLog } from '../state/edits.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { activate, closeDocument, useWorkspace } from '../state/workspace.ts';
import { IconButton } from '../ui/Button.tsx';
import { bytesText } from '../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../ui/Menu.tsx';
import s from './DocumentSwitcher.module.css';
import { pickFiles, pickFolder, pickToCompare } from './pick-files.ts';

/** Which document is shown, the others, and the way to close. */
export function DocumentSwitcher() {
  const documents = useWorkspace((state) => state.documents);
  const active = useWorkspace((state) => state.active);
  const shown = documents.find((document) => document.id === active);
  if (!shown) return null;
  return (
    <>
      <OpenDocuments documents={documents} shown={shown} />
      <CompareMenu documents={documents} shown={shown} />
    </>
  );
}

interface SwitcherProps {
  readonly documents: readonly OpenedDocument[];
  readonly shown: OpenedDocument;
}

function OpenDocuments({ documents, shown }: SwitcherProps) {
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={s.document} title={titleOf(shown, documents)}>
          <b aria-hidden="true">A</b>
          <span>{titleOf(shown, documents)}</span>
          {documents.length > 1 && <i className={s.count}>{documents.length}</i>}
          <ChevronDown size={13} aria-hidden="true" />
        </button>
      }
    >
      {documents.map((document) => (
        <MenuItem
          key={document.id}
          icon={document === shown ? <span className={s.dot} role="img" aria-label="shown" /> : undefined}
          hint={bytesText(document.summary.bytes)}
          onSelect={() => activate(document.id)}
        >
          {titleOf(document, documents)}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<Plus size={14} aria-hidden="true" />} onSelect={() => void pickFiles()}>
        Open files…
      </MenuItem>
      <MenuItem icon={<FolderOpen size={14} aria-hidden="true" />} onSelect={() => void pickFolder()}>
        Open a folder…
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<X size={14} aria-hidden="true" />} onSelect={() => void closeDocument(shown.id)}>
        Close {titleOf(shown, documents)}
      </MenuItem>
      {documents.length > 1 && (
        <MenuItem onSelect={() => documents.forEach((document) => void closeDocument(document.id))}>Close all</MenuItem>
      )}
    </Menu>
  );
}

/** What the document can be set beside. */
function CompareMenu({ documents, shown }: SwitcherProps) {
  const edits = useEditLog(shown.id).cursor;
  return (
    <Menu
      align="start"
      trigger={
        <IconButton label="Compare with…">
          <ArrowLeftRight size={14} aria-hidden="true" />
        </IconButton>
      }
    >
      {documents.map(
        (document) =>
          document !== shown && (
            <MenuItem
              key={document.id}
              hint={bytesText(document.summary.bytes)}
              onSelect={() => void startComparing({ a: shown.id, b: document.id })}
            >
              Compare with {titleOf(document, documents)}
            </MenuItem>
          ),
      )}
      {edits > 0 && (
        <MenuItem icon={<History size={14} aria-hidden="true" />} onSelect={() => void compareWithSaved(shown)}>
          Compare with its saved state
        </MenuItem>
      )}
      {(documents.length > 1 || edits > 0) && <MenuLine />}
      <MenuItem icon={<Plus size={14} aria-hidden="true" />} onSelect={() => void pickToCompare(shown.id)}>
        Open another to compare with…
      </MenuItem>
    </Menu>
  );
}
