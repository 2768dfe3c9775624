import type { ReactNode } from 'react';
import s from './Card.module.css';

interface CardProps {
  readonly title: ReactNode;
  /** Small words at the title's end. */
  readonly aside?: ReactNode;
  /** Room around the content; off for tables that reach the edge. */
  readonly padded?: boolean;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function Card({ title, aside, padded = true, wide, children }: CardProps) {
  return (
    <section className={s.card} data-wide={wide || undefined}>
      <header className={s.head}>
        <h2>{title}</h2>
        {aside !== undefined && <span className={s.aside}>{aside}</span>}
      </header>
      <div className={padded ? s.body : undefined}>{children}</div>
    </section>
  );
}

/** Cards in two columns where there is room; a wide one takes both. */
export function CardGrid({ children }: { readonly children: ReactNode }) {
  return (
    <div className={s.grid}>
      <div className={s.cells}>{children}</div>
    </div>
  );
}

/** Cards one under the other in one column of a grid, so that a short one leaves no hole beside a long one. */
export function CardStack({ wide, children }: { readonly wide?: boolean; readonly children: ReactNode }) {
  return (
    <div className={s.stack} data-wide={wide || undefined}>
      {children}
    </div>
  );
}

/** Names and values. `columns`: two pairs beside each other where there is room. */
export function Facts({
  facts,
  columns,
}: {
  readonly columns?: boolean;
  readonly facts: readonly (readonly [name: string, value: ReactNode] | false | undefined)[];
}) {
  return (
    <dl className={s.facts} data-columns={columns || undefined}>
      {facts.map((fact) => {
        if (!fact) return null;
        const [name, value] = fact;
        return (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        );
      })}
    </dl>
  );
}
