import { lookForContents, useContentsForecast, useLooking } from '../../state/contents.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { Card } from '../../ui/Card.tsx';
import { plural } from '../../ui/format.ts';
import { ComputeBar } from '../ComputeBar.tsx';
import s from './renames.module.css';

/** Of many entries, or of what lies elsewhere, tensors are looked into when a person says so. */
export function ContentsCard({ comparison }: { readonly comparison: ComparedDocument }) {
  const forecast = useContentsForecast(comparison);
  const looking = useLooking();
  if (!forecast || forecast.tensors === 0) return null;
  return (
    <Card title="By content" wide>
      <p className={s.words}>
        Names, rules and shapes decided so far. {plural(forecast.tensors, 'tensor')} without a partner could be told by
        what they hold: a little of each is read.
      </p>
      <ComputeBar
        label="Looking for renames by content"
        verb="Look for renames by content"
        bytes={forecast.bytes}
        computation={looking?.progress}
        result=""
        onStart={lookForContents}
        onCancel={() => looking?.cancel()}
      />
    </Card>
  );
}
