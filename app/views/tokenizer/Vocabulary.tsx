import { useCallback, useEffect, useState } from 'react';
import type { VocabularyFacts, VocabularyToken } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { searchTokens, vocabularyTokens } from '../../state/resources.ts';
import { Card } from '../../ui/Card.tsx';
import { exactCount } from '../../ui/format.ts';
import { PagedRows } from '../../ui/PagedRows.tsx';
import { TokenText } from './TokenText.tsx';
import s from './tokenizer.module.css';

const PAUSE_MS = 150;

interface VocabularyProps {
  readonly document: OpenedDocument;
  readonly facts: VocabularyFacts;
}

/** All tokens, or those in which a text occurs. */
export function Vocabulary({ document: { id }, facts: { tokens, hasScores, hasTypes } }: VocabularyProps) {
  const [typed, setTyped] = useState('');
  const found = useFound(id, typed);
  const load = useCallback(
    async (from: number, count: number): Promise<readonly VocabularyToken[]> =>
      found ? readEach(id, found.slice(from, from + count)) : vocabularyTokens(id, from, count),
    [id, found],
  );
  const columns = [
    '64px',
    'minmax(84px, 1fr)',
    'minmax(84px, 1fr)',
    ...(hasScores ? ['84px'] : []),
    ...(hasTypes ? ['84px'] : []),
  ].join(' ');
  const head = ['#', 'Token', 'Text', ...(hasScores ? ['Score'] : []), ...(hasTypes ? ['Type'] : [])];
  const count = found?.length ?? tokens;
  return (
    <Card
      title="Vocabulary"
      aside={found ? `${exactCount(count)} of ${exactCount(tokens)} tokens` : `${exactCount(tokens)} tokens`}
      padded={false}
      wide
    >
      <div className={s.search}>
        <input
          type="search"
          aria-label="Find tokens"
          placeholder="Find tokens that contain…"
          className="mono"
          value={typed}
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <div className={s.rows}>
        {count === 0 ? (
          <p className={s.none}>No token contains {JSON.stringify(typed)}.</p>
        ) : (
          <PagedRows
            label="Vocabulary"
            count={count}
            head={head}
            columns={columns}
            minWidth={480}
            load={load}
            cells={({ id: number, token, text, score, type }: VocabularyToken) => [
              <span key="id" className={s.number}>
                {number}
              </span>,
              <span key="token" className="mono" title={token}>
                {token.replaceAll('\n', '\\n')}
              </span>,
              <TokenText key="text" text={text ?? token} />,
              ...(hasScores
                ? [
                    <span key="score" className={s.number}>
                      {score}
                    </span>,
                  ]
                : []),
              ...(hasTypes
                ? [
                    <span key="type" className={s.kind}>
                      {type}
                    </span>,
                  ]
                : []),
            ]}
          />
        )}
      </div>
    </Card>
  );
}

/** Numbers of the tokens found, a moment after the typing stops; undefined while nothing is looked for. */
function useFound(document: number, typed: string): readonly number[] | undefined {
  const [found, setFound] = useState<readonly number[]>();
  useEffect(() => {
    if (typed === '') {
      setFound(undefined);
      return;
    }
    let wanted = true;
    const timer = setTimeout(() => {
      searchTokens(document, typed).then(
        (ids) => wanted && setFound(ids),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [document, typed]);
  return found;
}

/** Tokens that stand together are read together. */
async function readEach(document: number, ids: readonly number[]): Promise<readonly VocabularyToken[]> {
  const runs: [first: number, count: number][] = [];
  for (const id of ids) {
    const last = runs.at(-1);
    if (last && id < last[0] + last[1] + NEAR) last[1] = id - last[0] + 1;
    else runs.push([id, 1]);
  }
  const read = await Promise.all(runs.map(([first, count]) => vocabularyTokens(document, first, count)));
  const wanted = new Set(ids);
  return read.flat().filter(({ id }) => wanted.has(id));
}

const NEAR = 256;
