import { logSoftmax, type RunTensor } from '../../../src-core/index.ts';
import type { DocumentId } from '../../state/engine.ts';
import { useTokenNames } from '../../state/tokens.ts';
import { percentText } from '../../ui/format.ts';
import s from './run.module.css';
import { wordToken } from './word-token.ts';

/** What the places of an output's last axis are called: classes by name, or tokens, whose names a document knows. */
export type PlaceNames = { readonly labels: readonly string[] } | { readonly tokensOf: DocumentId };

interface TopNamesProps {
  readonly tensor: RunTensor;
  readonly other: RunTensor | undefined;
  readonly names: PlaceNames;
}

/** Names that are shown. */
const MOST = 10;

/** What the last row chooses, by softmax: classes, or next tokens. */
export function TopNames({ tensor, other, names }: TopNamesProps) {
  const now = shares(tensor);
  const before = other && shares(other);
  const top = [...now.keys()].sort((a, b) => now[b]! - now[a]!).slice(0, MOST);
  const tokens = useTokenNames('tokensOf' in names ? names.tokensOf : undefined, top);
  return (
    <table className={`numbers ${s.top}`}>
      <thead className="unseen">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Share</th>
          {before && <th scope="col">Beside</th>}
        </tr>
      </thead>
      <tbody>
        {top.map((i, place) => (
          <tr key={i}>
            <th scope="row" className="mono" title={'labels' in names ? undefined : `token ${i}`}>
              {'labels' in names ? names.labels[i] : tokens && nameOf(tokens[place]!, i)}
            </th>
            <td>
              <span className={s.share}>
                <i style={{ width: `${100 * now[i]!}%` }} />
                {before && <i data-beside style={{ width: `${100 * before[i]!}%` }} />}
              </span>
            </td>
            <td>{percentText(now[i]!)}</td>
            {before && <td className={s.soft}>{percentText(before[i]!)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Tables of words are often wider than the tokeniser knows. */
const nameOf = (name: string | null, id: number): string => (name === null ? `token ${id}` : wordToken(name));

function shares({ data, shape }: RunTensor): number[] {
  const width = shape.at(-1) ?? 1;
  const row = Array.from(data.slice(data.length - width), Number);
  return [...logSoftmax(row)].map(Math.exp);
}
