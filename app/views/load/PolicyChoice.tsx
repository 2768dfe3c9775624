import type { PolicyId } from '../../../src-core/index.ts';
import { changeLoad, type LoadEnds, policyOf, useLoad, useLoadPolicy } from '../../state/load.ts';
import { Segments } from '../../ui/Segments.tsx';
import s from './load.module.css';
import { ABOUT, SYSTEMS } from './policy-words.ts';

/** As whom it is loaded: one policy, with what it does in a sentence, or all of them. */
export function PolicyChoice({ ends }: { readonly ends: LoadEnds }) {
  const policy = useLoadPolicy(ends);
  const isSurvey = useLoad((state) => state.isSurvey);
  const { call } = policyOf(policy);
  return (
    <div className={s.policy}>
      <div className={s.row}>
        <div className={s.end}>
          <label htmlFor="load-policy">as</label>
          <select
            id="load-policy"
            className={s.select}
            value={policy}
            disabled={isSurvey}
            onChange={(event) => changeLoad({ policy: event.target.value as PolicyId })}
          >
            {SYSTEMS.map(([system, policies]) => (
              <optgroup key={system} label={system}>
                {policies.map((id) => (
                  <option key={id} value={id}>
                    {policyOf(id).label}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </div>
        <Segments
          label="Policies"
          value={isSurvey ? 'all' : 'one'}
          options={[
            ['one', 'This one'],
            ['all', 'All policies'],
          ]}
          onChange={(value) => changeLoad({ isSurvey: value === 'all' })}
        />
      </div>
      <p className={s.about}>
        {isSurvey ? 'What each system would do with the same two. Choose one to see it in full.' : ABOUT[policy]}
        {!isSurvey && (
          <>
            {' '}
            <code>{call}</code>
          </>
        )}
      </p>
    </div>
  );
}
