import { dtypeLabel, type PackedDescription } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { selectEntry } from '../../state/explorer.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Facts } from '../../ui/Card.tsx';
import { shapeText } from '../../ui/format.ts';
import { KeyText } from '../../ui/KeyText.tsx';
import s from './info.module.css';

interface PackedCardProps {
  readonly document: OpenedDocument;
  readonly packed: PackedDescription;
}

/** The weight that the entry is packed in or belongs to, and the other entries of it. */
export function PackedCard({ document, packed }: PackedCardProps) {
  const { key, packing, codes, parts, unpacked, why } = packed;
  const link = ({ id, key }: PackedDescription['codes']) => (
    <Button key={id} look="link" className="mono" title={key} onClick={() => selectEntry(document.id, id)}>
      {lastPart(key)}
    </Button>
  );
  return (
    <Card title="Packed weight" aside="by names and shapes">
      <Facts
        facts={[
          ['Weight', <KeyText key="weight" text={key} />],
          ['Packed by', packing],
          unpacked && ['Stands for', `${dtypeLabel(unpacked.value.dtype)} ${shapeText(unpacked.value.shape)}`],
          why !== undefined && ['Not unpacked', why],
          ['Codes', link(codes)],
          parts.length > 0 && [
            'Scales and the rest',
            <span key="parts" className={s.parts}>
              {parts.map(link)}
            </span>,
          ],
        ]}
      />
    </Card>
  );
}

/** They lie side by side: what tells them apart is the end. */
const lastPart = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
