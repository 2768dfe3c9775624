import type { ComponentProps } from 'react';
import s from './Button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  /** `primary`: the one thing to do here. `quiet`: no frame until it is pointed at. `link`: text. */
  readonly look?: 'plain' | 'primary' | 'quiet' | 'link';
}

export function Button({ look = 'plain', className, type = 'button', ...rest }: ButtonProps) {
  return <button {...rest} type={type} data-look={look} className={`${s.button} ${className ?? ''}`} />;
}

/** A square button with a picture; `label` is its name. */
export function IconButton({ label, ...rest }: ButtonProps & { readonly label: string }) {
  return <Button look="quiet" {...rest} aria-label={label} title={rest.title ?? label} className={s.icon} />;
}
