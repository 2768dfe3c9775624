import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import s from './Dialog.module.css';

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly about?: ReactNode;
  readonly children: ReactNode;
}

export function Dialog({ open, onClose, title, about, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={s.scrim} />
        <Radix.Content className={s.dialog} {...(about === undefined && { 'aria-describedby': undefined })}>
          <header className={s.head}>
            <Radix.Title className={s.title}>{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close">
                <X size={15} aria-hidden="true" />
              </IconButton>
            </Radix.Close>
          </header>
          {about !== undefined && <Radix.Description className={s.about}>{about}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
