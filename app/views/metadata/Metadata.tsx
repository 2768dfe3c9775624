import { useMemo, useRef, useState } from 'react';
import {
  type FileInfo,
  familyOf,
  isKnownDType,
  type JsonNode,
  type MetadataPlace,
  type MetaItem,
} from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { deleteMetadata } from '../../state/metadata.ts';
import { documentMetadata } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Badge, type Tone, toneOf } from '../../ui/Badge.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { exactCount } from '../../ui/format.ts';
import { Pencil, Trash2 } from '../../ui/icons.ts';
import { JsonTree } from '../../ui/JsonTree.tsx';
import { KeyText } from '../../ui/KeyText.tsx';
import { Empty } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { Companions } from './Companions.tsx';
import { ListItems } from './ListItems.tsx';
import { AddItem, EditItem } from './MetadataForms.tsx';
import s from './metadata.module.css';
import { copyText, nestedJson } from './nested-json.ts';

/** Items drawn per section; tokenisers keep hundreds of thousands. */
const MOST = 500;

const BESIDE: ReadonlySet<FileInfo['part']> = new Set(['companion', 'index', 'sidecar']);

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
  const beside = document.files.filter((file) => BESIDE.has(file.part));
  const sections = useMemo(() => {
    const bySection = new Map<string, MetaItem[]>();
    for (const item of items) {
      const known = bySection.get(item.section);
      if (known) known.push(item);
      else bySection.set(item.section, [item]);
    }
    return [...bySection];
  }, [items]);
  const empty = document.metadataPlaces.filter((place) => !sections.some(([section]) => section === place.section));
  if (items.length + beside.length + empty.length === 0)
    return <Empty title="No metadata">The file says nothing beside its entries.</Empty>;
  return (
    <CardGrid>
      {beside.length > 0 && <Companions document={document} files={beside} />}
      {[...sections, ...empty.map(({ section }) => [section, []] as const)].map(([section, members]) => (
        <Section
          key={section}
          document={document}
          section={section}
          items={members}
          place={document.metadataPlaces.find((place) => place.section === section)}
        />
      ))}
    </CardGrid>
  );
}

interface SectionProps {
  readonly document: OpenedDocument;
  readonly section: string;
  readonly items: readonly MetaItem[];
  /** Absent: a save has no place for it. */
  readonly place: MetadataPlace | undefined;
}

function Section({ document, section, items, place }: SectionProps) {
  const hasTypes = items.some(({ type }) => type !== undefined);
  const count = `${exactCount(items.length)} ${items.length === 1 ? 'item' : 'items'}`;
  return (
    <Card
      title={<span className="mono">{section}</span>}
      aside={place ? count : `${count} · follows from the file, not edited`}
      padded={false}
      wide
    >
      {items.length > 0 && (
        <table className={s.table}>
          <tbody>
            {items.slice(0, MOST).map((item, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: keys may repeat in a damaged file, places do not
              <ItemRow key={i} document={document} item={item} place={place} hasTypes={hasTypes} />
            ))}
          </tbody>
        </table>
      )}
      {items.length > MOST && <p className={s.more}>and {exactCount(items.length - MOST)} more</p>}
      {place && <AddItem document={document.id} place={place} />}
    </Card>
  );
}

type ItemRowProps = Pick<SectionProps, 'document' | 'place'> & { readonly item: MetaItem; readonly hasTypes: boolean };

function ItemRow({ document, item, place, hasTypes }: ItemRowProps) {
  const [isEdited, setEdited] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const endEditing = () => {
    setEdited(false);
    pencil.current?.focus();
  };
  return (
    <tr>
      <th scope="row" className="mono">
        <KeyText text={item.key} />
      </th>
      {hasTypes && <td className={s.type}>{item.type !== undefined && <TypeBadge type={item.type} />}</td>}
      <td>
        {item.list ? (
          <ListItems document={document.id} item={item} />
        ) : place && isEdited ? (
          <EditItem document={document.id} item={item} place={place} onDone={endEditing} />
        ) : (
          <MetaValue value={item.value} />
        )}
      </td>
      <td className={s.copy}>
        {!item.list && <CopyButton text={copyText(item.value)} label={`Copy ${item.key}`} />}
        {place && (
          <>
            {!item.list && (
              <IconButton
                ref={pencil}
                label={`Edit ${item.key}`}
                aria-expanded={isEdited}
                onClick={() => setEdited(!isEdited)}
              >
                <Pencil size={14} aria-hidden="true" />
              </IconButton>
            )}
            <IconButton
              label={`Delete ${item.key}`}
              onClick={() => void deleteMetadata(document.id, item.section, item.key)}
            >
              <Trash2 size={14} aria-hidden="true" />
            </IconButton>
          </>
        )}
      </td>
    </tr>
  );
}

/** The type that the file gives a value. */
const TypeBadge = ({ type }: { readonly type: string }) => <Badge tone={toneOfType(type)}>{type}</Badge>;

function toneOfType(type: string): Tone {
  const one = type.replace(/^\[|\]$/g, '');
  return isKnownDType(one) ? toneOf(familyOf(one)) : toneOf('text');
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
