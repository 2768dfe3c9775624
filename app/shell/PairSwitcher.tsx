import { ArrowLeftRight, ChevronDown, Plus, X } from 'lucide-react';
import { chooseDocument, endComparing, type Side, swapSides, useSide } from '../state/compare.ts';
import { titleOf } from '../state/document-titles.ts';
import { useWorkspace } from '../state/workspace.ts';
import { IconButton } from '../ui/Button.tsx';
import { bytesText } from '../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../ui/Menu.tsx';
import s from './DocumentSwitcher.module.css';
import { pickToCompare } from './pick-files.ts';

/** Both documents of a comparison, each a choice among all that are open. */
export function PairSwitcher() {
  return (
    <div className={s.pair}>
      <SideChoice side="a" />
      <IconButton label="Swap sides" onClick={swapSides}>
        <ArrowLeftRight size={14} aria-hidden="true" />
      </IconButton>
      <SideChoice side="b" />
      <IconButton label="End comparing" onClick={endComparing}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

function SideChoice({ side }: { readonly side: Side }) {
  const documents = useWorkspace((state) => state.documents);
  const shown = useSide(side);
  const other = useSide(side === 'a' ? 'b' : 'a');
  if (!shown || !other) return null;
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={s.document} data-side={side} title={titleOf(shown, documents)}>
          <b aria-hidden="true">{side.toUpperCase()}</b>
          <span>
            <span className="unseen">{side.toUpperCase()}: </span>
            {titleOf(shown, documents)}
          </span>
          <ChevronDown size={13} aria-hidden="true" />
        </button>
      }
    >
      {documents.map((document) => (
        <MenuItem
          key={document.id}
          icon={document === shown ? <span className={s.dot} role="img" aria-label="shown" /> : undefined}
          hint={document === other ? 'swaps' : bytesText(document.summary.bytes)}
          onSelect={() => chooseDocument(side, document.id)}
        >
          {titleOf(document, documents)}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<Plus size={14} aria-hidden="true" />} onSelect={() => void pickToCompare(other.id)}>
        Open another…
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<X size={14} aria-hidden="true" />} onSelect={endComparing}>
        End comparing
      </MenuItem>
    </Menu>
  );
}
