import { useEffect, useState } from 'react';
import { painted } from '../state/painted.ts';
import { sheetOf } from '../state/shown-slice.ts';
import { sampleValues, type ValueSample } from '../state/value-sample.ts';
import type { ShownPart } from '../state/value-tiles.ts';

/** Numbers for the picture, ever finer. While those of a like sheet are read, the ones before stay. */
export function useSample(part: ShownPart, wanted: boolean): ValueSample | undefined {
  const [known, setKnown] = useState<{ readonly of: ShownPart; readonly sample: ValueSample }>();
  useEffect(() => {
    if (!wanted) return;
    const controller = new AbortController();
    const keep = (sample: ValueSample) => {
      setKnown({ of: part, sample });
      return painted();
    };
    // What fails here fails in the grid as well, which says so.
    sampleValues(part, keep, controller.signal).catch(() => undefined);
    return () => controller.abort();
  }, [part, wanted]);
  if (!known) return undefined;
  const [was, is] = [sheetOf(known.of.shown), sheetOf(part.shown)];
  return was.rows === is.rows && was.columns === is.columns ? known.sample : undefined;
}
