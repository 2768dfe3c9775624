import { Monitor, Moon, Search, Sun } from 'lucide-react';
import { useCompare } from '../state/compare.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { showDialog } from '../state/workspace.ts';
import { IconButton } from '../ui/Button.tsx';
import { Logo } from '../ui/Logo.tsx';
import { Menu, MenuChoice } from '../ui/Menu.tsx';
import { MOD } from './command.ts';
import { DocumentSwitcher } from './DocumentSwitcher.tsx';
import s from './Header.module.css';
import { PairSwitcher } from './PairSwitcher.tsx';

export function Header() {
  const comparing = useCompare(({ pair }) => pair !== null);
  return (
    <header className={s.header} data-comparing={comparing || undefined}>
      <div className={s.side}>
        <span className={s.logo}>
          <Logo />
          <span className={s.name}>Stateglass</span>
        </span>
        {comparing ? <PairSwitcher /> : <DocumentSwitcher />}
      </div>
      <button type="button" className={s.search} onClick={() => showDialog('commands')}>
        <Search size={14} aria-hidden="true" />
        <span>Search entries and commands</span>
        <kbd>{MOD}K</kbd>
      </button>
      <div className={s.side}>
        <ThemeMenu />
      </div>
    </header>
  );
}

function ThemeMenu() {
  const theme = useSettings((state) => state.theme);
  const icons = {
    light: <Sun size={15} aria-hidden="true" />,
    dark: <Moon size={15} aria-hidden="true" />,
    system: <Monitor size={15} aria-hidden="true" />,
  };
  return (
    <Menu trigger={<IconButton label="Theme">{icons[theme]}</IconButton>}>
      <MenuChoice
        value={theme}
        options={[
          ['light', 'Light', icons.light],
          ['dark', 'Dark', icons.dark],
          ['system', 'System', icons.system],
        ]}
        onChange={(next) => changeSettings({ theme: next })}
      />
    </Menu>
  );
}
