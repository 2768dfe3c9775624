import { showDialog, useWorkspace } from '../state/workspace.ts';
import { CommandPalette } from './CommandPalette.tsx';
import { PasteDialog, UrlDialog } from './OpenDialogs.tsx';
import { UrlCard } from './UrlCard.tsx';

/** Everything that lies over the page when it is asked for. Loaded apart: the page draws without it. */
export default function Overlays() {
  const dialog = useWorkspace((state) => state.dialog);
  const close = () => showDialog(null);
  return (
    <>
      <UrlCard />
      <UrlDialog open={dialog === 'url'} onClose={close} />
      <PasteDialog open={dialog === 'paste'} onClose={close} />
      {dialog === 'commands' && <CommandPalette onClose={close} />}
    </>
  );
}
