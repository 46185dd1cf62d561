import Link from "next/link";
import type { Comparison } from "../../_api";
import { title } from "../../_lib/format";
import { bestOf, figure, isLowerBetter, metricNames, numberOf } from "../../_lib/models";
import { paths } from "../../_lib/paths";
import { Card, CardHeader } from "../ui/card";
import { BestMark } from "./best-mark";
import { CompareRow, CompareTable } from "./compare-table";
import { MetricDifference } from "./metric-difference";
import { StageBadge } from "./stage-badge";

type Props = { name: string; comparison: Comparison; metric?: string };

export function CompareMetrics({ name, comparison: { versions, metrics }, metric }: Props) {
  const rows = new Map(metrics.map((row) => [row.name, row.values]));
  const names = metricNames(
    versions.map((_, column) =>
      Object.fromEntries(metrics.map((row) => [row.name, row.values[column]])),
    ),
    metric,
  );
  const heads = versions.map(({ number, stage }) => (
    <span key={number} className="flex items-center gap-2 text-sm text-foreground">
      <Link className="hover:underline" href={paths.version(name, number)}>
        Version {number}
      </Link>
      {stage === "production" && <StageBadge stage={stage} />}
    </span>
  ));
  return (
    <Card className="overflow-hidden">
      <CardHeader
        title="Metrics"
        description={`The best value of each has a cup. Differences are to version ${versions[0]?.number}.`}
      />
      <CompareTable label="Metric" heads={heads}>
        <tbody>
          {names.map((metricName) => (
            <CompareRow
              key={metricName}
              isMain={metricName === metric}
              title={
                <>
                  {title(metricName)}
                  {isLowerBetter(metricName) && (
                    <span className="block text-xs font-normal text-muted-foreground">
                      less is better
                    </span>
                  )}
                </>
              }
              cells={metricCells(metricName, rows.get(metricName) ?? [])}
            />
          ))}
        </tbody>
      </CompareTable>
    </Card>
  );
}

function metricCells(metric: string, values: unknown[]) {
  const best = bestOf(metric, values);
  return values.map((found, column) => {
    const isBest = best !== undefined && numberOf(found) === best;
    return (
      <div key={column} className="tabular-nums">
        <span className={isBest ? "inline-flex items-center gap-1.5 font-semibold" : undefined}>
          {figure(found)} {isBest && <BestMark />}
        </span>
        {column > 0 && (
          <div>
            <MetricDifference metric={metric} base={values[0]} found={found} />
          </div>
        )}
      </div>
    );
  });
}
