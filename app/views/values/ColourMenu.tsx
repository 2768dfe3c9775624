import { chooseColours, useValues } from '../../state/values.ts';
import { Button } from '../../ui/Button.tsx';
import { Palette } from '../../ui/icons.ts';
import { CheckItem, Menu, MenuChoice, MenuLine } from '../../ui/Menu.tsx';
import s from './values.module.css';

/** How numbers become colours, for the heatmap, the images and the grid. */
export function ColourMenu() {
  const { ramp, range, tint } = useValues();
  return (
    <Menu
      trigger={
        <Button look="quiet" title="Colours">
          <Palette size={14} aria-hidden="true" />
          <span className={s.colours}>Colours</span>
        </Button>
      }
    >
      <MenuChoice
        value={ramp}
        options={[
          ['auto', 'Diverging where there are both signs'],
          ['diverging', 'Diverging around 0'],
          ['sequential', 'From low to high'],
        ]}
        onChange={(next) => chooseColours({ ramp: next })}
      />
      <MenuLine />
      <MenuChoice
        value={range}
        options={[
          ['percentile', 'Without the outer 1 %'],
          ['symmetric', 'Symmetric, to the largest'],
          ['full', 'From least to greatest'],
        ]}
        onChange={(next) => chooseColours({ range: next })}
      />
      <MenuLine />
      <CheckItem checked={tint} onChange={(next) => chooseColours({ tint: next })}>
        Colour the numbers too
      </CheckItem>
    </Menu>
  );
}
