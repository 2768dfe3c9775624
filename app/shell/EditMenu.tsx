import {
  ArrowLeftRight,
  CirclePlus,
  Copy,
  Ellipsis,
  Glasses,
  Grid2x2Plus,
  Link2,
  ListTree,
  PaintBucket,
  Pencil,
  Plus,
  Replace,
  Rows3,
  Scissors,
  Tag,
  Trash2,
  Unlink2,
  Waypoints,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { tryEdit } from '../state/edits.ts';
import { entryOf } from '../state/explorer.ts';
import { openRename } from '../state/renaming.ts';
import { openRole } from '../state/roles.ts';
import { holdsTensors, isTied, openAddTensor, openTie, otherKeys, untie } from '../state/structure-edits.ts';
import { openTaking } from '../state/taking.ts';
import { hasTensors, isTensor, openTensorEdit } from '../state/tensor-editing.ts';
import type { TensorAct } from '../state/tensor-form.ts';
import { keyOfNode } from '../state/tree-labels.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/Menu.tsx';
import type { Target } from '../views/view.ts';
import { actsFor } from './tensor-acts.ts';

const ICONS: Readonly<Record<TensorAct, ReactNode>> = {
  fill: <PaintBucket size={14} />,
  cast: <Replace size={14} />,
  'view-as': <Glasses size={14} />,
  affine: <CirclePlus size={14} />,
  reshape: <Rows3 size={14} />,
  transpose: <Waypoints size={14} />,
  'slice-tensor': <Scissors size={14} />,
  pad: <Grid2x2Plus size={14} />,
};

/** What can be done to what is selected: an entry, the tensors of a module, or all there are. */
export function EditMenu({ target: { document, node } }: { readonly target: Target }) {
  const isEntry = node !== 0 && entryOf(document, node) !== undefined;
  const acts = hasTensors(document, node) ? actsFor(isTensor(document, node)) : [];
  const what = isEntry ? 'this entry' : node === 0 ? 'this document' : 'this module';
  return (
    <Menu trigger={<IconButton label={`Edit ${what}`}>{<Ellipsis size={16} aria-hidden="true" />}</IconButton>}>
      {isEntry && <EntryItems target={{ document, node }} />}
      {isEntry && <MenuLine />}
      <MenuItem icon={<ArrowLeftRight size={14} />} onSelect={() => openTaking(document, node)}>
        Replace from another document…
      </MenuItem>
      <StructureItems target={{ document, node }} />
      {acts.map(({ act, title }) => (
        <MenuItem key={act} icon={ICONS[act]} onSelect={() => openTensorEdit(document, act)}>
          {title}…
        </MenuItem>
      ))}
    </Menu>
  );
}

/** What changes which tensors there are, and how keys are written. */
function StructureItems({ target: { document, node } }: { readonly target: Target }) {
  const keys = node === 0 ? otherKeys(document) : undefined;
  return (
    <>
      {isTensor(document, node) && (
        <MenuItem icon={<Link2 size={14} />} onSelect={() => openTie(document, node)}>
          Tie…
        </MenuItem>
      )}
      {isTensor(document, node) && isTied(document, node) && (
        <MenuItem icon={<Unlink2 size={14} />} onSelect={() => void untie(document, node)}>
          Untie
        </MenuItem>
      )}
      {holdsTensors(document) && !isTensor(document, node) && (
        <MenuItem icon={<Plus size={14} />} onSelect={() => openAddTensor(document, node)}>
          Add tensor…
        </MenuItem>
      )}
      {keys && (
        <MenuItem icon={<ListTree size={14} />} onSelect={() => void tryEdit(document.id, keys.edit)}>
          {keys.title}
        </MenuItem>
      )}
    </>
  );
}

function EntryItems({ target: { document, node } }: { readonly target: Target }) {
  const key = keyOfNode(document.tree, node);
  const row = entryOf(document, node);
  return (
    <>
      <MenuItem icon={<Pencil size={14} />} hint="F2" onSelect={() => openRename(document.id, key, 'one')}>
        Rename…
      </MenuItem>
      <MenuItem icon={<Copy size={14} />} onSelect={() => openRename(document.id, key, 'copy')}>
        Duplicate…
      </MenuItem>
      <MenuItem icon={<Tag size={14} />} onSelect={() => row !== undefined && void openRole(document, row)}>
        Role…
      </MenuItem>
      <MenuItem
        icon={<Trash2 size={14} />}
        onSelect={() => void tryEdit(document.id, { op: 'delete', args: { keys: [key] } })}
      >
        Delete
      </MenuItem>
    </>
  );
}
