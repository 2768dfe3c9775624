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

/** Cards side by side where there is room. */
export function CardGrid({ children }: { readonly children: ReactNode }) {
  return <div className={s.grid}>{children}</div>;
}

/** Names and values in two columns. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ReactNode] | false | undefined)[];
}) {
  return (
    <dl className={s.facts}>
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
