import type { Entry, JsonNode, MetaItem } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { changeGraphList } from '../../state/graph-list.ts';
import { goTo } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Facts } from '../../ui/Card.tsx';

interface DeclaredCardProps {
  readonly document: OpenedDocument;
  readonly entry: Entry;
  readonly meta: readonly MetaItem[];
}

/** What the file says of an entry beside its value. Of a graph, the nodes that take it are a click away. */
export function DeclaredCard({ document, entry, meta }: DeclaredCardProps) {
  const showNodes = () => {
    changeGraphList(document.id, { text: entry.key });
    goTo(document.id, 0, 'nodes');
  };
  const toNodes = (
    <Button look="link" onClick={showNodes}>
      Its nodes
    </Button>
  );
  return (
    <Card title="Declared beside it" aside={document.hasGraph ? toNodes : undefined}>
      <Facts facts={meta.map(({ key, value }) => [key, <Words key={key} value={value} />])} />
    </Card>
  );
}

/** Several texts are a line each. */
function Words({ value }: { readonly value: JsonNode }) {
  if (value.kind !== 'array' || !value.items.every(({ kind }) => kind === 'string')) return jsonWord(value);
  return (
    <ul>
      {value.items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item is its place
        <li key={i}>{jsonWord(item)}</li>
      ))}
    </ul>
  );
}

function jsonWord(value: JsonNode): string {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'number':
    case 'literal':
      return value.lexeme;
    case 'bool':
      return String(value.value);
    case 'null':
      return 'null';
    case 'array':
      return `[${value.items.map(jsonWord).join(', ')}]`;
    case 'object':
      return `{${value.members.map(([key, item]) => `${key}: ${jsonWord(item)}`).join(', ')}}`;
  }
}
