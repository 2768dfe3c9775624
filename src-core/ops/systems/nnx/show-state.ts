import { type Datum, isDict, isVariable } from '../data.ts';
import { showValue } from '../python-repr.ts';

/** `repr(State)`, over lines as flax prints it into its errors. */
export const showState = (state: Datum): string => `State(${showNested(state, '')})`;

function showNested(datum: Datum, indent: string): string {
  const inner = `${indent}  `;
  if (isDict(datum)) {
    if (datum.items.length === 0) return '{}';
    const lines = datum.items.map(([key, value]) => `${inner}${showValue(key)}: ${showNested(value, inner)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  if (!isVariable(datum)) return showValue(datum);
  const fields = [['value', datum.value] as const, ...datum.metadata];
  const lines = fields.map(([name, value]) => `${inner}${name}=${showValue(value)}`);
  return `${datum.type}(\n${lines.join(',\n')}\n${indent})`;
}
