import { type FormEvent, useId, useMemo, useState } from 'react';
import { PAIR_STATUSES, type PairStatus } from '../../../src-core/index.ts';
import { pinPair } from '../../state/compare.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { keyOnSide } from '../../state/renames.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { FieldRow, NameField } from '../../ui/FieldRow.tsx';
import s from './renames.module.css';

/** Names that are offered; the rest is typed. */
const OFFERED = 500;

/** Two entries that a person knows to go together. */
export function PairByHand({ comparison }: { readonly comparison: ComparedDocument }) {
  const id = useId();
  const [keyA, setKeyA] = useState('');
  const [keyB, setKeyB] = useState('');
  const [onlyA, onlyB] = useMemo(
    () => [listLoose(comparison, 'a', 'removed'), listLoose(comparison, 'b', 'added')],
    [comparison],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    pinPair(keyA, keyB);
    setKeyA('');
    setKeyB('');
  };
  if (onlyA.length === 0 || onlyB.length === 0) return null;
  return (
    <Card title="Pair by hand" wide>
      <form className={s.rules} onSubmit={submit}>
        <FieldRow>
          <NameField title="Entry of A" list={`${id}-a`} value={keyA} onChange={setKeyA} />
          <NameField title="Entry of B" list={`${id}-b`} value={keyB} onChange={setKeyB} />
          <Button type="submit" disabled={keyA === '' || keyB === ''}>
            Pair
          </Button>
        </FieldRow>
        <Names id={`${id}-a`} names={onlyA} />
        <Names id={`${id}-b`} names={onlyB} />
      </form>
    </Card>
  );
}

const Names = ({ id, names }: { readonly id: string; readonly names: readonly string[] }) => (
  <datalist id={id}>
    {names.map((name) => (
      <option key={name} value={name} />
    ))}
  </datalist>
);

/** Keys of entries without a partner. */
function listLoose(comparison: ComparedDocument, side: 'a' | 'b', status: PairStatus): string[] {
  const { pairs } = comparison;
  const code = PAIR_STATUSES.indexOf(status);
  const names: string[] = [];
  for (let pair = 0; pair < pairs.count && names.length < OFFERED; pair++) {
    const key = pairs.status[pair] === code ? keyOnSide(comparison, side, pair) : undefined;
    if (key !== undefined) names.push(key);
  }
  return names;
}
