import { dtypeLabel, type EntryId, familyOf } from '../../src-core/index.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { selectEntry } from '../state/explorer.ts';
import { entryDetail } from '../state/resources.ts';
import { Answer } from '../ui/Answer.tsx';
import { Badge, toneOf } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';

interface PackedFactsProps {
  readonly document: OpenedDocument;
  readonly row: EntryId;
}

/** Of codes, the weight that they stand for; of scales and zero points, whose they are. */
export function PackedFacts({ document, row }: PackedFactsProps) {
  return (
    <Answer to={entryDetail(document.id, row)} waiting={null}>
      {({ entry, packed }) => {
        if (!packed || entry.id !== row) return null;
        const { codes, packing, unpacked } = packed;
        if (codes.id !== row)
          return (
            <span>
              part of{' '}
              <Button
                look="link"
                className="mono"
                title={`${codes.key}: ${packing}`}
                onClick={() => selectEntry(document.id, codes.id)}
              >
                {codes.key.slice(codes.key.lastIndexOf('.') + 1)}
              </Button>
            </span>
          );
        const { dtype, shape } = unpacked?.value ?? {};
        return (
          <span title={packing}>
            {dtype && shape ? (
              <>
                stands for <Badge tone={toneOf(familyOf(dtype))}>{dtypeLabel(dtype)}</Badge>{' '}
                <span className="mono">{shape.join(' × ')}</span>
              </>
            ) : (
              packing
            )}
          </span>
        );
      }}
    </Answer>
  );
}
