import type { JobPublic } from "../../_api";
import { title } from "../../_lib/format";
import { isOver } from "../../_lib/jobs";
import type { Run } from "../../_lib/run";
import { MetricChart } from "../charts/metric-chart";
import { Card } from "../ui/card";

const LOSS = "loss";
const RATE = "learning_rate";

/** One for each number that the run reports: the loss first, how fast it learns last. */
export function JobCharts({ job, run }: { job: JobPublic; run: Run }) {
  const names = new Set([...Object.keys(run.training), ...Object.keys(run.evaluation)]);
  const metrics = [...names].filter((name) => name !== LOSS && name !== RATE);
  if (names.size === 0) return isOver(job) ? null : <Waiting />;
  return (
    <div className="grid grid-cols-1 gap-5 lg:grid-cols-2">
      {names.has(LOSS) && (
        <Card className="lg:col-span-2">
          <RunChart name={LOSS} run={run} height={280} />
        </Card>
      )}
      {metrics.map((name) => (
        <Card key={name}>
          <RunChart name={name} run={run} height={200} />
        </Card>
      ))}
      {names.has(RATE) && (
        <Card className={metrics.length % 2 ? undefined : "lg:col-span-2"}>
          <RunChart name={RATE} run={run} height={metrics.length % 2 ? 200 : 140} />
        </Card>
      )}
    </div>
  );
}

function RunChart({ name, run, height }: { name: string; run: Run; height: number }) {
  const baseline = run.baseline?.metrics[name];
  return (
    <MetricChart
      title={title(name)}
      height={height}
      steps={run.progress.step ?? 0}
      lines={[
        { name: "Training", color: "var(--chart-1)", points: run.training[name] ?? [] },
        { name: "Evaluation", color: "var(--chart-2)", points: run.evaluation[name] ?? [] },
      ]}
      reference={baseline === undefined ? undefined : { name: "Baseline", value: baseline }}
    />
  );
}

function Waiting() {
  return (
    <Card className="grid h-80 place-items-center p-6 text-center">
      <p className="max-w-sm text-sm text-pretty text-muted-foreground">
        The curves appear with the first step. Until then the run loads its data and the model that
        it starts from.
      </p>
    </Card>
  );
}
