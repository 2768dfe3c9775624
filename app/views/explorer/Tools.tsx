import { chooseFace, type Explorer, expandAll } from '../../state/explorer.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { IconButton } from '../../ui/Button.tsx';
import { ChevronsDownUp, ChevronsUpDown, Columns3 } from '../../ui/icons.ts';
import { CheckItem, Menu, MenuItem, MenuLine } from '../../ui/Menu.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { COLUMN_TITLES } from './columns.ts';
import s from './explorer.module.css';
import { PAIR_TITLES } from './pair-columns.tsx';
import { OPTIONAL_TITLES } from './statistic-columns.tsx';

const COMPARED = {
  kind: COLUMN_TITLES.kind,
  type: COLUMN_TITLES.type,
  shape: COLUMN_TITLES.shape,
  ...PAIR_TITLES,
};

type Face = Explorer['face'] | 'sides';

const FACES: readonly (readonly [Face, string])[] = [
  ['tree', 'Tree'],
  ['table', 'Table'],
];
const PAIR_FACES: typeof FACES = [
  ['tree', 'One tree'],
  ['sides', 'Side by side'],
  ['table', 'Table'],
];

export function Tools({ explorer }: { readonly explorer: Explorer }) {
  const hidden = useSettings((state) => state.hiddenColumns);
  const shown = useSettings((state) => state.shownColumns);
  const sideBySide = useSettings((state) => state.sideBySide);
  const { document, face } = explorer;
  const setShown = (id: string, shown: boolean) =>
    changeSettings({ hiddenColumns: shown ? hidden.filter((h) => h !== id) : [...hidden, id] });
  const setOptional = (id: string, show: boolean) =>
    changeSettings({ shownColumns: show ? [...shown, id] : shown.filter((other) => other !== id) });
  return (
    <div className={s.tools}>
      <Segments
        label="Show as"
        value={face === 'tree' && document.pairs && sideBySide ? 'sides' : face}
        options={document.pairs ? PAIR_FACES : FACES}
        onChange={(next) => {
          chooseFace(document.id, next === 'table' ? 'table' : 'tree');
          if (document.pairs && next !== 'table') changeSettings({ sideBySide: next === 'sides' });
        }}
      />
      <Menu
        trigger={
          <IconButton label="Columns and rows">
            <Columns3 size={15} aria-hidden="true" />
          </IconButton>
        }
      >
        {Object.entries(document.pairs ? COMPARED : COLUMN_TITLES).map(([id, title]) => (
          <CheckItem key={id} checked={!hidden.includes(id)} onChange={(shown) => setShown(id, shown)}>
            {title}
          </CheckItem>
        ))}
        {document.summary.tensors > 0 && !document.pairs && (
          <>
            <MenuLine />
            {Object.entries(OPTIONAL_TITLES).map(([id, title]) => (
              <CheckItem key={id} checked={shown.includes(id)} onChange={(show) => setOptional(id, show)}>
                {title}
              </CheckItem>
            ))}
          </>
        )}
        <MenuLine />
        <MenuItem onSelect={() => changeSettings({ columnWidths: {}, hiddenColumns: [], shownColumns: [] })}>
          Reset columns
        </MenuItem>
        {face === 'tree' && (
          <>
            <MenuLine />
            <MenuItem
              icon={<ChevronsUpDown size={14} aria-hidden="true" />}
              onSelect={() => expandAll(document.id, true)}
            >
              Expand all
            </MenuItem>
            <MenuItem
              icon={<ChevronsDownUp size={14} aria-hidden="true" />}
              onSelect={() => expandAll(document.id, false)}
            >
              Collapse all
            </MenuItem>
          </>
        )}
      </Menu>
    </div>
  );
}
