import type { PackedPart } from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import { selectEntry } from '../../state/explorer.ts';
import { unpackWeights } from '../../state/proposals.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Facts } from '../../ui/Card.tsx';
import { exactCount, shapeText } from '../../ui/format.ts';
import { KeyText } from '../../ui/KeyText.tsx';
import s from './info.module.css';

interface PackedCardProps {
  readonly document: DocumentId;
  readonly packed: PackedPart;
}

/** The weight that a tensor is a part of. What is stored are codes and scales: neither is the weight. */
export function PackedCard({ document, packed }: PackedCardProps) {
  const { key, packing, elements, shape, holdsCodes, others } = packed;
  return (
    <Card title="Packed weight" aside="by names and shapes">
      <Facts
        facts={[
          ['Weight', <KeyText key="weight" text={key} />],
          shape ? ['Shape', shapeText(shape)] : ['Elements', exactCount(elements)],
          ['Packing', packing],
          ['This tensor', holdsCodes ? 'its codes' : 'a part of it'],
        ]}
      />
      <h3 className={s.part}>{holdsCodes ? 'Its scales and what else it needs' : 'Its other parts'}</h3>
      <ul className={s.ties}>
        {others.map((other) => (
          <li key={other.id}>
            <Button look="link" onClick={() => selectEntry(document, other.id)}>
              <span className="mono" title={other.key}>
                {other.key}
              </span>
            </Button>
          </li>
        ))}
      </ul>
      <p className={s.packedNote}>
        Values and statistics show what is stored. Unpacked, it is the weight.{' '}
        <Button look="link" onClick={() => void unpackWeights(document)}>
          Unpack all
        </Button>
      </p>
    </Card>
  );
}
