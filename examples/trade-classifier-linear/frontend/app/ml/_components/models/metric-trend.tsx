import type { Version } from "../../_api";
import { title } from "../../_lib/format";
import { bestOf, figure, isLowerBetter, numberOf } from "../../_lib/models";
import { Card, CardContent, CardHeader } from "../ui/card";

type Props = {
  metric: string;
  /** Oldest first; each has the metric. */
  versions: Version[];
};

/** How the main metric has come along, small enough to need no chart library. */
export function MetricTrend({ metric, versions }: Props) {
  const values = versions.map((version) => numberOf(version.metrics[metric]) ?? 0);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const range = highest - lowest || 1;
  const points = values.map((value, index) => ({
    x: (index / (values.length - 1)) * 100,
    y: 100 - ((value - lowest) / range) * 100,
  }));
  const best = bestOf(metric, values);
  const words = versions.map(({ number }, index) => `version ${number} ${figure(values[index])}`);

  return (
    <Card className="flex flex-col">
      <CardHeader
        title={`${title(metric)} over the versions`}
        description={isLowerBetter(metric) ? "Less is better." : "More is better."}
      />
      <CardContent className="grid flex-1 grid-cols-[auto_1fr] grid-rows-[minmax(5rem,1fr)_auto] gap-x-3 text-xs text-muted-foreground tabular-nums">
        <div aria-hidden className="flex flex-col justify-between text-right leading-none">
          <span>{figure(highest)}</span>
          <span>{figure(lowest)}</span>
        </div>
        <div
          role="img"
          aria-label={`${title(metric)}: ${words.join(", ")}`}
          className="relative mx-2 my-1.5"
        >
          <svg
            viewBox="0 0 100 100"
            preserveAspectRatio="none"
            className="absolute inset-0 size-full overflow-visible"
          >
            <path
              d="M0 0H100M0 100H100"
              className="stroke-border"
              vectorEffect="non-scaling-stroke"
            />
            <polyline
              points={points.map(({ x, y }) => `${x},${y}`).join(" ")}
              className="fill-none stroke-chart-1 stroke-2"
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
            />
          </svg>
          {points.map(({ x, y }, index) => (
            <Dot
              key={index}
              style={{ left: `${x}%`, top: `${y}%` }}
              hint={words[index]}
              isBest={values[index] === best}
            />
          ))}
        </div>
        <div aria-hidden className="col-start-2 mt-2 flex justify-between">
          <span>Version {versions[0]?.number}</span>
          <span>Version {versions.at(-1)?.number}</span>
        </div>
      </CardContent>
    </Card>
  );
}

type DotProps = { style: { left: string; top: string }; hint?: string; isBest: boolean };

/** The best one is larger, and hollow. */
function Dot({ style, hint, isBest }: DotProps) {
  const look = isBest
    ? "size-3.5 border-[3px] border-chart-1 bg-card"
    : "size-2 bg-chart-1 ring-2 ring-card";
  return (
    <span title={hint} style={style} className={`absolute -translate-1/2 rounded-full ${look}`} />
  );
}
