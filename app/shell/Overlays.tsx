import { isRepo } from '../state/hub.ts';
import { askToOpenUrl, showDialog, useWorkspace } from '../state/workspace.ts';
import { AddTensorDialog } from './AddTensorDialog.tsx';
import { CommandPalette } from './CommandPalette.tsx';
import { DonorsDialog } from './DonorsDialog.tsx';
import { ExportDialog } from './ExportDialog.tsx';
import { LoraDialog } from './LoraDialog.tsx';
import { MergeDialog } from './MergeDialog.tsx';
import { PasteDialog } from './PasteDialog.tsx';
import { RemoteDialog } from './RemoteDialog.tsx';
import { RenameDialog } from './RenameDialog.tsx';
import { RoleDialog } from './RoleDialog.tsx';
import { SaveDialog } from './SaveDialog.tsx';
import { TakeDialog } from './TakeDialog.tsx';
import { TensorDialog } from './TensorDialog.tsx';
import { TieDialog } from './TieDialog.tsx';
import { UrlCard } from './UrlCard.tsx';

/** Everything that lies over the page when it is asked for. Loaded apart: the page draws without it. */
export default function Overlays() {
  const dialog = useWorkspace((state) => state.dialog);
  const asked = useWorkspace((state) => state.askedUrl);
  const close = () => showDialog(null);
  return (
    <>
      {asked !== null &&
        (isRepo(asked) ? <RemoteDialog address={asked} onClose={() => askToOpenUrl(null)} /> : <UrlCard url={asked} />)}
      {dialog === 'url' && <RemoteDialog onClose={close} />}
      <PasteDialog open={dialog === 'paste'} onClose={close} />
      <ExportDialog open={dialog === 'export'} onClose={close} />
      <SaveDialog open={dialog === 'save'} onClose={close} />
      {dialog === 'rename' && <RenameDialog onClose={close} />}
      {dialog === 'role' && <RoleDialog onClose={close} />}
      {dialog === 'tensor' && <TensorDialog onClose={close} />}
      {dialog === 'take' && <TakeDialog onClose={close} />}
      {dialog === 'tie' && <TieDialog onClose={close} />}
      {dialog === 'add-tensor' && <AddTensorDialog onClose={close} />}
      {dialog === 'lora' && <LoraDialog onClose={close} />}
      {dialog === 'merge' && <MergeDialog onClose={close} />}
      {dialog === 'donors' && <DonorsDialog onClose={close} />}
      {dialog === 'commands' && <CommandPalette onClose={close} />}
    </>
  );
}
