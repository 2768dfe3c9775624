import { writePythonString } from '../../model/keys/python-text.ts';
import { type Datum, isList } from './data.ts';

/** A float as Python's `repr` writes it: the shortest digits, an exponent below 1e-4 and from 1e16. */
export function showFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16))
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const plain = Object.is(value, -0) ? '-0' : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** `repr(value)`, near enough to be recognised in a message. */
export function showValue(datum: Datum): string {
  if (datum === null) return 'None';
  if (typeof datum === 'string') return writePythonString(datum);
  if (typeof datum === 'boolean') return datum ? 'True' : 'False';
  if (typeof datum === 'bigint') return String(datum);
  if (typeof datum === 'number') return showFloat(datum);
  if (isList(datum)) return `[${datum.map(showValue).join(', ')}]`;
  switch (datum.kind) {
    case 'dict':
      return `{${datum.items.map(([key, value]) => `${showValue(key)}: ${showValue(value)}`).join(', ')}}`;
    case 'tuple':
      return showTuple(datum.items);
    case 'set':
      return datum.items.length === 0 ? 'set()' : `{${datum.items.map(showValue).join(', ')}}`;
    case 'tensor':
      return `Array(shape=${showTuple(datum.shape)}, dtype=${datum.dtype})`;
    case 'variable': {
      const metadata = datum.metadata.map(([name, value]) => `, ${name}=${showValue(value)}`).join('');
      return `${datum.type}(value=${showValue(datum.value)}${metadata})`;
    }
    case 'entry':
      return `StateEntry(value=${showValue(datum.value)})`;
    case 'key':
      return `StateKey(${showValue(datum.key)})`;
    default:
      return `<${showType(datum)}>`;
  }
}

export function showTuple(items: readonly Datum[]): string {
  return items.length === 1 ? `(${showValue(items[0] as Datum)},)` : `(${items.map(showValue).join(', ')})`;
}

/** The name of the class, as Python's messages have it. */
export function showType(datum: Datum): string {
  if (datum === null) return 'NoneType';
  if (typeof datum === 'string') return 'str';
  if (typeof datum === 'boolean') return 'bool';
  if (typeof datum === 'bigint') return 'int';
  if (typeof datum === 'number') return 'float';
  if (isList(datum)) return 'list';
  switch (datum.kind) {
    case 'tuple':
      return datum.type ?? 'tuple';
    case 'tensor':
      return 'Array';
    case 'entry':
      return 'StateEntry';
    case 'key':
      return 'StateKey';
    case 'variable':
    case 'module':
    case 'object':
      return datum.type;
    case 'parameter':
    case 'reference':
    case 'weight':
      return datum.kind[0]?.toUpperCase() + datum.kind.slice(1);
    default:
      return datum.kind;
  }
}
