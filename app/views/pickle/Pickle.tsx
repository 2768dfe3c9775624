import type { PickleGlobal, PickleReport } from '../../../src-core/index.ts';
import { documentPickle } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { ShieldAlert, ShieldCheck } from '../../ui/icons.ts';
import { Empty } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import s from './pickle.module.css';

const RISKS = {
  code: { tone: 'bad', word: 'runs code', about: 'Loading the file the ordinary way would run this.' },
  unknown: { tone: 'warn', word: 'unknown', about: 'A class of somebody’s: its own code would run on loading.' },
  data: { tone: 'plain', word: 'data', about: 'Known and harmless, but not on torch’s own list.' },
  safe: { tone: 'good', word: 'safe', about: 'On the list torch.load(weights_only=True) accepts.' },
} as const satisfies Record<PickleGlobal['risk'], object>;
const ORDER: readonly PickleGlobal['risk'][] = ['code', 'unknown', 'data', 'safe'];

/** What the pickle would import and call if somebody ran it. This program never does. */
export default function Pickle({ target }: { readonly target: Target }) {
  return <Answer to={documentPickle(target.document.id)}>{(report) => <Report report={report} />}</Answer>;
}

function Report({ report }: { readonly report: PickleReport | null }) {
  if (!report) return <Empty title="No pickle">This format holds data only.</Empty>;
  const { accepted, why, judgedBy } = report.weightsOnly;
  const Sign = accepted ? ShieldCheck : ShieldAlert;
  const globals = [...report.globals].sort((a, b) => ORDER.indexOf(a.risk) - ORDER.indexOf(b.risk));
  return (
    <CardGrid>
      <section className={s.verdict} data-good={accepted || undefined} data-wide>
        <Sign size={22} strokeWidth={1.6} aria-hidden="true" />
        <div>
          <h2>
            <span className="mono">torch.load(weights_only=True)</span> would {accepted ? 'take' : 'refuse'} this file
          </h2>
          {why && <p>{why}</p>}
          <p className={s.small}>
            Judged by the list of {judgedBy}. Pickle protocol {report.protocol}. Here nothing in the file is ever run:
            it is read symbolically.
          </p>
        </div>
      </section>
      <Card title="Every name the file would import" aside={plural(globals.length, 'name')} padded={false} wide>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled table must be reachable by keyboard */}
        <section className={s.scroll} aria-label="Globals" tabIndex={0}>
          <table className={s.table}>
            <thead>
              <tr>
                <th scope="col">Risk</th>
                <th scope="col">Name</th>
                <th scope="col">Called</th>
                <th scope="col">Uses</th>
                <th scope="col">First at byte</th>
              </tr>
            </thead>
            <tbody>
              {globals.map((global) => (
                <tr key={`${global.module}.${global.name}`}>
                  <td>
                    <Badge tone={RISKS[global.risk].tone} title={RISKS[global.risk].about}>
                      {RISKS[global.risk].word}
                    </Badge>
                  </td>
                  <th scope="row" className="mono">
                    <span className={s.module}>{global.module}.</span>
                    {global.name}
                  </th>
                  <td>{global.called ? 'yes' : 'named only'}</td>
                  <td className="mono">{exactCount(global.uses)}</td>
                  <td className="mono">{exactCount(global.at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </Card>
    </CardGrid>
  );
}
