import type { RenameRule } from '../../../src-core/index.ts';
import { changeLoad, type LoadEnds, useLoad, useLoadPolicy } from '../../state/load.ts';
import { Button } from '../../ui/Button.tsx';
import { CheckBox } from '../../ui/CheckBox.tsx';
import { plural } from '../../ui/format.ts';
import { ChevronRight, Plus } from '../../ui/icons.ts';
import { EMPTY_RULE, RuleFields } from '../../ui/RuleFields.tsx';
import s from './load.module.css';

/** Rules that the keys go through first, and what the systems let one choose. */
export function Options({ ends }: { readonly ends: LoadEnds }) {
  const policy = useLoadPolicy(ends);
  const { isSurvey, map, weightAlignment, overrideQuantizationEncoding, className } = useLoad();
  const isMax = isSurvey || policy.startsWith('max');
  const isTorch = isSurvey || policy.startsWith('torch');
  const written = map.filter(({ pattern }) => pattern !== '').length;
  const told = [
    written > 0 && plural(written, 'rule'),
    isMax && weightAlignment > 0 && `aligned to ${weightAlignment}`,
    isMax && overrideQuantizationEncoding && 'takes the quantisation of the file',
    isTorch && className !== '' && className,
  ].filter(Boolean);
  return (
    <details className={s.options}>
      <summary>
        <ChevronRight size={13} aria-hidden="true" />
        Options
        {told.length > 0 && <span className={s.soft}>{told.join(', ')}</span>}
      </summary>
      <div className={s.fields}>
        <MapRules map={map} />
        {isMax && (
          <div className={s.row}>
            <label className={s.field}>
              Weight alignment, bytes
              <input
                type="number"
                min={0}
                max={4096}
                placeholder="as the dtype"
                value={weightAlignment || ''}
                onChange={(event) =>
                  changeLoad({ weightAlignment: Math.max(0, Math.floor(Number(event.target.value))) })
                }
              />
            </label>
            <CheckBox
              checked={overrideQuantizationEncoding}
              onChange={(checked) => changeLoad({ overrideQuantizationEncoding: checked })}
            >
              Take the quantisation of the file
            </CheckBox>
          </div>
        )}
        {isTorch && (
          <label className={s.field}>
            Class named in the error
            <input
              className="mono"
              value={className}
              placeholder="Module"
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => changeLoad({ className: event.target.value })}
            />
          </label>
        )}
      </div>
    </details>
  );
}

/** The result below follows them as they are typed. */
const MapRules = ({ map }: { readonly map: readonly RenameRule[] }) => (
  <fieldset className={s.rules}>
    <legend>Keys of what is loaded go through these rules first</legend>
    <RuleFields rules={map} onChange={(rules) => changeLoad({ map: rules })} />
    <Button look="quiet" onClick={() => changeLoad({ map: [...(map.length > 0 ? map : [EMPTY_RULE]), EMPTY_RULE] })}>
      <Plus size={14} aria-hidden="true" />
      Add a rule
    </Button>
  </fieldset>
);
