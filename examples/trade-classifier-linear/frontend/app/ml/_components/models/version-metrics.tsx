import type { VersionDetail } from "../../_api";
import { title } from "../../_lib/format";
import { figure, metricNames } from "../../_lib/models";
import { baselineOf, verdictOf } from "../../_lib/models-manifest";
import { Card, CardContent, CardHeader } from "../ui/card";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";
import { MetricDifference } from "./metric-difference";

/** How good a version is, beside the simplest model worth beating. */
export function VersionMetrics({ version, metric }: { version: VersionDetail; metric?: string }) {
  const verdict = verdictOf(version.manifest);
  const baseline = baselineOf(version.manifest);
  const names = metricNames([version.metrics], metric);
  return (
    <Card className="overflow-hidden">
      <CardHeader title="Metrics" />
      {verdict && (
        <CardContent className="pb-3 text-sm">
          <p className="font-medium">{verdict.sentence}</p>
          {verdict.detail && <p className="mt-1 text-muted-foreground">{verdict.detail}</p>}
        </CardContent>
      )}
      <Table label="Metrics">
        <thead>
          <tr>
            <TableHead>Metric</TableHead>
            <TableHead className="px-2 text-right">Version</TableHead>
            {baseline && (
              <>
                <TableHead className="px-2 text-right">Baseline</TableHead>
                <TableHead className="pl-2 text-right">Difference</TableHead>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <TableRow key={name} className={name === metric ? "font-semibold" : undefined}>
              <TableCell className="pr-2">{title(name)}</TableCell>
              <TableCell className="px-2 text-right tabular-nums">
                {figure(version.metrics[name])}
              </TableCell>
              {baseline && (
                <>
                  <TableCell className="px-2 text-right font-normal tabular-nums">
                    {figure(baseline[name])}
                  </TableCell>
                  <TableCell className="pl-2 text-right">
                    <MetricDifference
                      metric={name}
                      base={baseline[name]}
                      found={version.metrics[name]}
                    />
                  </TableCell>
                </>
              )}
            </TableRow>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
