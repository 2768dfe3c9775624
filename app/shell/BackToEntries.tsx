import { ArrowLeft } from 'lucide-react';
import { showPane } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import s from './MainPane.module.css';

/** A narrow window shows the tree or what is selected in it. */
export const BackToEntries = () => (
  <Button look="quiet" className={s.back} onClick={() => showPane('explorer')}>
    <ArrowLeft size={15} aria-hidden="true" />
    Entries
  </Button>
);
