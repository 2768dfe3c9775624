import { ChevronDown, FolderOpen, Plus, X } from 'lucide-react';
import { activate, closeDocument, useWorkspace } from '../state/workspace.ts';
import { bytesText } from '../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../ui/Menu.tsx';
import s from './DocumentSwitcher.module.css';
import { pickFiles, pickFolder } from './pick-files.ts';

/** Which document is shown, the others, and the way to close. */
export function DocumentSwitcher() {
  const documents = useWorkspace((state) => state.documents);
  const active = useWorkspace((state) => state.active);
  const shown = documents.find((document) => document.id === active);
  if (!shown) return null;
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={s.document}>
          <b aria-hidden="true">A</b>
          <span>{shown.name}</span>
          {documents.length > 1 && <i className={s.count}>{documents.length}</i>}
          <ChevronDown size={13} aria-hidden="true" />
        </button>
      }
    >
      {documents.map((document) => (
        <MenuItem
          key={document.id}
          icon={document.id === active ? <span className={s.dot} role="img" aria-label="shown" /> : undefined}
          hint={bytesText(document.summary.bytes)}
          onSelect={() => activate(document.id)}
        >
          {document.name}
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
        Close {shown.name}
      </MenuItem>
      {documents.length > 1 && (
        <MenuItem onSelect={() => documents.forEach((document) => void closeDocument(document.id))}>Close all</MenuItem>
      )}
    </Menu>
  );
}
