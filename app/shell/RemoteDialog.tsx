import { useEffect, useRef, useState } from 'react';
import { type ErrorInfo, toErrorInfo } from '../../src-core/index.ts';
import type { RepoListing } from '../state/engine.ts';
import { listRepo, openRepo, readRepo, tokenFor } from '../state/hub.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { openUrl } from '../state/workspace.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { AddressForm, type Asked } from './AddressForm.tsx';
import { RepoChoice } from './RepoChoice.tsx';

interface RemoteDialogProps {
  /** Filled in by a link or a drop; a person still has to press the button. */
  readonly address?: string;
  readonly onClose: () => void;
}

/** Opens what lies elsewhere: any address, or models of a repo, which is listed first. */
export function RemoteDialog({ address = '', onClose }: RemoteDialogProps) {
  const base = useSettings((state) => state.hubBase);
  const [asked, setAsked] = useState<Asked>(() => ({ text: address, revision: '', token: tokenFor(base), base }));
  const [listing, setListing] = useState<RepoListing>();
  const [failure, setFailure] = useState<ErrorInfo>();
  const [underWay, setUnderWay] = useState<AbortController>();
  const latest = useRef<AbortController>(undefined);
  useEffect(() => () => latest.current?.abort(), []);

  const list = async ({ text, revision, token, base }: Asked) => {
    changeSettings({ hubBase: base });
    const repo = readRepo(text);
    if (!repo) return;
    const controller = new AbortController();
    latest.current = controller;
    setUnderWay(controller);
    setFailure(undefined);
    try {
      setListing(await listRepo(revision ? { ...repo, revision } : repo, token, controller.signal));
    } catch (error) {
      const info = toErrorInfo(error);
      if (info.kind !== 'cancelled') setFailure(info);
    }
    setUnderWay(undefined);
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={listing ? 'Choose what to open' : 'Open a URL or a Hugging Face repo'}
      about={
        listing
          ? undefined
          : 'Only the parts that are needed are fetched, where the server can send ranges and lets this page read them.'
      }
    >
      {listing ? (
        <RepoChoice
          listing={listing}
          hasToken={asked.token !== ''}
          onBack={() => setListing(undefined)}
          onOpen={(sets) => {
            onClose();
            void openRepo(listing, sets);
          }}
        />
      ) : (
        <AddressForm
          asked={asked}
          onChange={(change) => {
            setAsked({ ...asked, ...change });
            setFailure(undefined);
          }}
          failure={failure}
          busy={underWay !== undefined}
          onCancel={underWay ? () => underWay.abort() : onClose}
          onList={() => void list(asked)}
          onOpen={(url) => {
            onClose();
            void openUrl(url);
          }}
        />
      )}
    </Dialog>
  );
}
