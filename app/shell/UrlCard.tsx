import { askToOpenUrl, openUrl } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import s from './dialogs.module.css';

/** Nothing leaves the page unasked: an address from a link or a drop waits for a click. */
export function UrlCard({ url }: { readonly url: string }) {
  const host = URL.canParse(url) ? new URL(url).host : url;
  return (
    <Dialog
      open
      onClose={() => askToOpenUrl(null)}
      title="Open this address?"
      about={
        <>
          This makes requests to <b>{host}</b>, for the parts of the file that are needed. Nothing else leaves the page.
        </>
      }
    >
      <p className="mono">{url}</p>
      <div className={s.actions}>
        <Button onClick={() => askToOpenUrl(null)}>Cancel</Button>
        <Button look="primary" autoFocus onClick={() => void openUrl(url)}>
          Open from {host}
        </Button>
      </div>
    </Dialog>
  );
}
