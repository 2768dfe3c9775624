import type { VocabularyFacts } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { documentVocabulary } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Card, Facts } from '../../ui/Card.tsx';
import { exactCount } from '../../ui/format.ts';
import { Empty } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { TokenText } from './TokenText.tsx';
import s from './tokenizer.module.css';
import { Vocabulary } from './Vocabulary.tsx';

/** The tokenizer that the file carries: what it is, the tokens that are special, and all of them. */
export default function Tokenizer({ target: { document } }: { readonly target: Target }) {
  return (
    <Answer to={documentVocabulary(document.id)}>
      {(facts) =>
        facts ? (
          <Summary document={document} facts={facts} />
        ) : (
          <Empty title="No tokenizer">The file carries none.</Empty>
        )
      }
    </Answer>
  );
}

/** `add_bos_token` as a person says it. */
const wordFlag = (name: string): string => {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

function Summary({ document, facts }: { readonly document: OpenedDocument; readonly facts: VocabularyFacts }) {
  const { model, pre, tokens, merges, special, flags } = facts;
  return (
    <div className={s.view}>
      <div className={s.facts}>
        <Card title="Tokenizer">
          <Facts
            facts={[
              model !== undefined && [
                'Model',
                <span className="mono" key="model">
                  {model}
                </span>,
              ],
              pre !== undefined && [
                'Cuts texts as',
                <span className="mono" key="pre">
                  {pre}
                </span>,
              ],
              ['Tokens', exactCount(tokens)],
              merges > 0 && ['Merges', exactCount(merges)],
              ...flags.map(({ name, value }) => [wordFlag(name), yesNo(value)] as const),
            ]}
          />
        </Card>
        <Card title="Special tokens" padded={false}>
          {special.length === 0 ? (
            <p className={s.none}>The metadata names no special token.</p>
          ) : (
            <table className={s.special}>
              <tbody>
                {special.map(({ name, id, token }) => (
                  <tr key={name}>
                    <th scope="row">{name.replaceAll('_', ' ')}</th>
                    <td className={s.number}>{id}</td>
                    <td>{token === undefined ? <i>there is no such token</i> : <TokenText text={token} />}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Card>
      </div>
      <Vocabulary document={document} facts={facts} />
    </div>
  );
}
