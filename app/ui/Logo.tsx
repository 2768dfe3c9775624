/** A looking glass over two lines of a list. */
export function Logo({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" strokeLinecap="round" aria-hidden="true">
      <circle cx="8.5" cy="8.5" r="6.2" stroke="var(--accent)" strokeWidth="1.8" />
      <path d="M6 7.2h5M6 9.8h3.2" stroke="var(--text)" strokeWidth="1.5" />
      <path d="M13.2 13.2 17.4 17.4" stroke="var(--accent)" strokeWidth="2.2" />
    </svg>
  );
}
