import { ArrowLeft, ArrowRight, GitMerge } from 'lucide-react';
import { takeSide, whatCanBeTaken } from '../state/take-side.ts';
import { Button } from '../ui/Button.tsx';
import { Menu, MenuItem } from '../ui/Menu.tsx';
import type { PairTarget } from '../views/view.ts';
import s from './MainPane.module.css';

/** Makes one side what the other is: an edit of its document, which can be undone and saved. */
export function TakeMenu({ target: { document, node } }: { readonly target: PairTarget }) {
  const { a, b } = whatCanBeTaken(document, node);
  return (
    <Menu
      trigger={
        <Button look="quiet" className={s.export}>
          <GitMerge size={14} aria-hidden="true" />
          Take
        </Button>
      }
    >
      <MenuItem icon={<ArrowRight size={14} aria-hidden="true" />} onSelect={() => void takeSide(document, node, 'a')}>
        {a}
      </MenuItem>
      <MenuItem icon={<ArrowLeft size={14} aria-hidden="true" />} onSelect={() => void takeSide(document, node, 'b')}>
        {b}
      </MenuItem>
    </Menu>
  );
}
