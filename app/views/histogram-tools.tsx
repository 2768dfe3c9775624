import { Segments } from '../ui/Segments.tsx';

export type CountScale = 'linear' | 'log';
export type HistogramRange = 'all' | 'middle';

interface HistogramToolsProps {
  /** What is counted: `values`, `differences`. */
  readonly of: string;
  readonly scale: CountScale;
  readonly range: HistogramRange;
  readonly onScale: (scale: CountScale) => void;
  readonly onRange: (range: HistogramRange) => void;
}

/** How a histogram is drawn. */
export const HistogramTools = ({ of, scale, range, onScale, onRange }: HistogramToolsProps) => (
  <>
    <Segments
      label="Scale of counts"
      value={scale}
      options={[
        ['linear', 'Linear'],
        ['log', 'Log'],
      ]}
      onChange={onScale}
    />
    <Segments
      label={`Range of ${of}`}
      value={range}
      options={[
        ['all', 'All'],
        ['middle', 'Middle 99 %'],
      ]}
      onChange={onRange}
    />
  </>
);
