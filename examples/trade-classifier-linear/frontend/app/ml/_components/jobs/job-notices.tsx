import Link from "next/link";
import type { JobPublic } from "../../_api";
import { isOver } from "../../_lib/jobs";
import type { Connection } from "../../_lib/job-events";
import { paths } from "../../_lib/paths";
import type { Run } from "../../_lib/run";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";

type Props = { job: JobPublic; run: Run; connection: Connection };

/** What is wrong, was wrong or needs attention. */
export function JobNotices({ job, run, connection }: Props) {
  return (
    <>
      {job.status === "failed" && (
        <Alert variant="error" title="The job failed" actions={<TrainAgain job={job} />}>
          <p>{job.error}</p>
          <p className="mt-1 text-muted-foreground">{remedies[job.kind]}</p>
        </Alert>
      )}
      {job.status === "stopped" && (
        <Alert variant="warning" title="The job was stopped" actions={<TrainAgain job={job} />}>
          {job.error} Its checkpoint is kept: resume it to go on.
        </Alert>
      )}
      {!isOver(job) && job.error && (
        <Alert variant="warning" title="It had to be tried again">
          {job.error}
        </Alert>
      )}
      {run.warnings.length > 0 && (
        <Alert variant="warning" title="The run warns">
          <ul className="grid gap-1">
            {[...new Set(run.warnings)].map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
      {!isOver(job) && connection === "lost" && (
        <Alert variant="warning">
          The connection was lost. It comes back by itself, and nothing is missed.
        </Alert>
      )}
    </>
  );
}

const remedies: Record<JobPublic["kind"], string> = {
  train:
    "If a setting or the data is at fault, change it in a new training. If it was the machine, resume this one.",
  check: "Open the data set, and check it again.",
  estimate: "Open the train page to ask again.",
  deploy: "The version that was in production still answers. Open the model to try it again.",
  batch: "Open the model's batch page to try it again.",
};

function TrainAgain({ job }: { job: JobPublic }) {
  if (job.kind !== "train" || !job.dataset_version_id) return null;
  const model = job.model ? `&model=${job.model}` : "";
  return (
    <Button asChild size="sm" variant="outline">
      <Link href={paths.trainOn(job.dataset_version_id) + model}>Start a new training</Link>
    </Button>
  );
}
