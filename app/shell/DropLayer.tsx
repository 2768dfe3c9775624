import { type ReactNode, useEffect, useState } from 'react';
import { addNotice, askToOpenUrl, openOffer, openText } from '../state/workspace.ts';
import s from './DropLayer.module.css';
import { type Dropped, readDrop, readText } from './read-drop.ts';

/** The whole page takes drops, and pastes anywhere but in a field. */
export function DropLayer({ children }: { readonly children: ReactNode }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // dragleave fires for every element crossed; the pointer has left when nothing is entered.
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const hover = (event: DragEvent) => {
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer) void readDrop(event.dataTransfer).then(take);
    };
    const paste = (event: ClipboardEvent) => {
      const field =
        event.target instanceof Element && event.target.closest('input, textarea, [contenteditable], [role="code"]');
      if (field || !event.clipboardData) return;
      const { clipboardData } = event;
      if (clipboardData.files.length > 0) void readDrop(clipboardData).then(take);
      else void take(readText(clipboardData.getData('text/plain')));
    };
    addEventListener('dragenter', hover);
    addEventListener('dragover', hover);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('dragenter', hover);
      removeEventListener('dragover', hover);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
    };
  }, []);
  return (
    <>
      {children}
      {over && (
        <div className={s.layer} aria-hidden="true">
          <p>Drop to open</p>
        </div>
      )}
    </>
  );
}

/** Opens what was brought. An address is asked about first: it makes a request. */
export async function take(dropped: Dropped): Promise<void> {
  if (dropped.kind === 'files') {
    for (const file of dropped.unread) {
      addNotice({ file, error: { kind: 'source', file, detail: 'it is gone, or this page may not read it' } });
    }
    if (dropped.offer.files.length > 0 || dropped.unread.length === 0) await openOffer(dropped.offer);
  }
  if (dropped.kind === 'url') askToOpenUrl(dropped.url);
  else if (dropped.kind === 'text') await openText(dropped.text);
}
