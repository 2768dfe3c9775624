import { useMemo } from 'react';
import type { JsonNode, MetaItem } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { documentMetadata } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { exactCount } from '../../ui/format.ts';
import { JsonTree } from '../../ui/JsonTree.tsx';
import { Empty } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { Companions } from './Companions.tsx';
import s from './metadata.module.css';
import { copyText, nestedJson } from './nested-json.ts';

/** Items drawn per section; tokenisers keep hundreds of thousands. */
const MOST = 500;

/** What the file says beside its entries, by section. */
export default function Metadata({ target }: { readonly target: Target }) {
  const { document } = target;
  return (
    <Answer to={documentMetadata(document.id)}>{(items) => <Sections document={document} items={items} />}</Answer>
  );
}

interface SectionsProps {
  readonly document: OpenedDocument;
  readonly items: readonly MetaItem[];
}

function Sections({ document, items }: SectionsProps) {
  const beside = document.files.filter((file) => file.part === 'companion' || file.part === 'index');
  const sections = useMemo(() => {
    const bySection = new Map<string, MetaItem[]>();
    for (const item of items) {
      const known = bySection.get(item.section);
      if (known) known.push(item);
      else bySection.set(item.section, [item]);
    }
    return [...bySection];
  }, [items]);
  if (items.length + beside.length === 0)
    return <Empty title="No metadata">The file says nothing beside its entries.</Empty>;
  return (
    <CardGrid>
      {beside.length > 0 && <Companions document={document} files={beside} />}
      {sections.map(([section, members]) => (
        <Card
          key={section}
          title={<span className="mono">{section}</span>}
          aside={`${exactCount(members.length)} ${members.length === 1 ? 'item' : 'items'}`}
          padded={false}
          wide
        >
          <table className={s.table}>
            <tbody>
              {members.slice(0, MOST).map((item, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: keys may repeat in a damaged file, places do not
                <tr key={i}>
                  <th scope="row" className="mono">
                    {item.key}
                  </th>
                  <td>
                    <MetaValue value={item.value} />
                  </td>
                  <td className={s.copy}>
                    <CopyButton text={copyText(item.value)} label={`Copy ${item.key}`} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {members.length > MOST && <p className={s.more}>and {exactCount(members.length - MOST)} more</p>}
        </Card>
      ))}
    </CardGrid>
  );
}

/** A string that is itself JSON is opened up, and said to be a string. */
function MetaValue({ value }: { readonly value: JsonNode }) {
  const nested = useMemo(() => (value.kind === 'string' ? nestedJson(value.value) : undefined), [value]);
  if (nested) {
    return (
      <>
        <span className={s.note}>JSON in a string</span>
        <JsonTree value={nested} />
      </>
    );
  }
  if (value.kind === 'object' || value.kind === 'array') return <JsonTree value={value} />;
  return <span className={`mono ${s.plain}`}>{copyText(value)}</span>;
}
