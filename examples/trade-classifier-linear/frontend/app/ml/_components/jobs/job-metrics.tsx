import { title, value } from "../../_lib/format";
import type { Run } from "../../_lib/run";
import { Card, CardHeader } from "../ui/card";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";

/** The newest value of each metric beside that of the baseline. */
export function JobMetrics({ run }: { run: Run }) {
  const names = Object.keys(run.metrics);
  if (names.length === 0) return null;
  const isFinal = run.story.some((event) => event.kind === "finished");
  return (
    <Card>
      <CardHeader
        title="Metrics"
        description={isFinal ? "Of the finished model." : "Of the newest evaluation."}
      />
      <Table label="Metrics">
        <thead>
          <tr>
            <TableHead>Metric</TableHead>
            <TableHead className="text-right">Model</TableHead>
            {run.baseline && <TableHead className="text-right">{run.baseline.name}</TableHead>}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <TableRow key={name}>
              <TableCell>{title(name)}</TableCell>
              <TableCell className="text-right font-medium tabular-nums">
                {value(run.metrics[name])}
              </TableCell>
              {run.baseline && (
                <TableCell className="text-right text-muted-foreground tabular-nums">
                  {value(run.baseline.metrics[name])}
                </TableCell>
              )}
            </TableRow>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
