import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import s from './Menu.module.css';

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactNode;
  readonly align?: 'start' | 'end';
  readonly children: ReactNode;
}

export function Menu({ trigger, align = 'end', children }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      {/* Inside a landmark, so that a screen reader's regions hold everything there is. */}
      <DropdownMenu.Portal container={document.querySelector('main')}>
        <DropdownMenu.Content className={s.menu} align={align} sideOffset={5} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  readonly icon?: ReactNode;
  readonly hint?: ReactNode;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

export function MenuItem({ icon, hint, onSelect, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item className={s.item} onSelect={onSelect}>
      <span className={s.icon}>{icon}</span>
      <span className={s.words}>{children}</span>
      {hint && <span className={s.hint}>{hint}</span>}
    </DropdownMenu.Item>
  );
}

interface CheckItemProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
}

/** Stays open: several columns are chosen in one go. */
export function CheckItem({ checked, onChange, children }: CheckItemProps) {
  return (
    <DropdownMenu.CheckboxItem
      className={s.item}
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <span className={s.icon}>{checked && <Check size={14} aria-hidden="true" />}</span>
      <span className={s.words}>{children}</span>
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuChoice<T extends string>(props: {
  readonly value: T;
  readonly options: readonly (readonly [value: T, label: string, icon?: ReactNode])[];
  readonly onChange: (value: T) => void;
}) {
  return (
    <DropdownMenu.RadioGroup value={props.value} onValueChange={(value) => props.onChange(value as T)}>
      {props.options.map(([value, label, icon]) => (
        <DropdownMenu.RadioItem key={value} value={value} className={s.item}>
          <span className={s.icon}>{icon}</span>
          <span className={s.words}>{label}</span>
          {props.value === value && <Check size={14} aria-hidden="true" />}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export const MenuLine = () => <DropdownMenu.Separator className={s.line} />;
