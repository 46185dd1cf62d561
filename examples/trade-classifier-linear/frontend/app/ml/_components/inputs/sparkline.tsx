import { plural, value as said } from "../../_lib/format";

const [WIDTH, HEIGHT, EDGE] = [300, 56, 3];
const MOST = 300; // points that a line of this width can tell apart

/** How a series goes, without axes. */
export function Sparkline({ values }: { values: number[] }) {
  if (values.length < 2) return null;
  const step = Math.max(1, values.length / MOST);
  const shown = Array.from(
    { length: Math.ceil(values.length / step) },
    (_, at) => values[Math.floor(at * step)] ?? 0,
  );
  const [min, max] = [reduced(values, Math.min), reduced(values, Math.max)];
  const line = shown.map((value, at) => {
    const x = EDGE + (at / Math.max(shown.length - 1, 1)) * (WIDTH - 2 * EDGE);
    const y = HEIGHT - EDGE - ((value - min) / (max - min || 1)) * (HEIGHT - 2 * EDGE);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      role="img"
      aria-label={`${plural(values.length, "value")} from ${said(min)} to ${said(max)}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-14 w-full text-chart-1"
    >
      <polyline
        points={line.join(" ")}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** Math.min(...values) has a limit of arguments. */
const reduced = (values: number[], choose: (a: number, b: number) => number) =>
  values.reduce((a, b) => choose(a, b));
