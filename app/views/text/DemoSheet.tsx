import type { DemoTable } from './demos.ts';
import s from './text.module.css';

/** Few-shot examples, one row each. */
export function DemoSheet({ table }: { readonly table: DemoTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled table must be reachable by keyboard
    <section className={s.demos} aria-label="Examples" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            {table.fields.map((field) => (
              <th key={field} scope="col">
                {field}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((cells, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: examples have no name but their place
            <tr key={i}>
              <th scope="row">{i + 1}</th>
              {cells.map((cell, j) => (
                <td key={table.fields[j]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
