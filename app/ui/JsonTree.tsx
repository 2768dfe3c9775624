import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { JsonNode } from '../../src-core/index.ts';
import s from './JsonTree.module.css';

/** Children drawn at once; more on request, so that a long list stays quick. */
const PAGE = 100;
/** Deeper values start closed. */
const OPEN_DEPTH = 2;

export function JsonTree({ value }: { readonly value: JsonNode }) {
  return (
    <div className={s.tree}>
      <Node value={value} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { readonly name?: string; readonly value: JsonNode; readonly depth: number }) {
  const children: readonly (readonly [string, JsonNode])[] =
    value.kind === 'object'
      ? value.members
      : value.kind === 'array'
        ? value.items.map((item, i) => [String(i), item])
        : [];
  const [open, setOpen] = useState(depth < OPEN_DEPTH && children.length <= PAGE);
  const [shown, setShown] = useState(PAGE);
  const label = name !== undefined && <span className={s.key}>{name}</span>;
  if (value.kind !== 'object' && value.kind !== 'array') {
    return (
      <div className={s.line}>
        <span className={s.gap} />
        {label}
        <Scalar value={value} />
      </div>
    );
  }
  const size = value.kind === 'object' ? `{${children.length}}` : `[${children.length}]`;
  return (
    <div>
      <button type="button" className={s.line} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={s.gap} data-open={open || undefined}>
          <ChevronRight size={12} aria-hidden="true" />
        </span>
        {label}
        <span className={s.size}>{size}</span>
      </button>
      {open && (
        <div className={s.children}>
          {children.slice(0, shown).map(([key, child], i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: keys of an object may repeat, places do not
            <Node key={i} name={key} value={child} depth={depth + 1} />
          ))}
          {children.length > shown && (
            <button type="button" className={s.more} onClick={() => setShown(shown + PAGE * 5)}>
              {children.length - shown} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Scalar({ value }: { readonly value: Exclude<JsonNode, { kind: 'object' | 'array' }> }) {
  switch (value.kind) {
    case 'string':
      return <span className={s.string}>{value.value === '' ? '""' : value.value}</span>;
    case 'number':
    case 'literal':
      return <span className={s.number}>{value.lexeme}</span>;
    case 'bool':
      return <span className={s.word}>{String(value.value)}</span>;
    case 'null':
      return <span className={s.word}>null</span>;
  }
}
