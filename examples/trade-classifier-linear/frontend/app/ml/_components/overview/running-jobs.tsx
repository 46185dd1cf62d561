import Link from "next/link";
import type { JobPublic } from "../../_api";
import { ago, duration } from "../../_lib/format";
import { kinds, outcomeOf, shareOf } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { progressOf } from "../../_lib/run";
import { JobStatus } from "../job-status";
import { Card } from "../ui/card";
import { Progress } from "../ui/progress";
import { SectionHeading } from "./section-heading";

export function RunningJobs({ jobs }: { jobs: JobPublic[] }) {
  if (!jobs.length) return null;
  return (
    <section>
      <SectionHeading title="Under way" />
      <Card>
        <ul className="divide-y">
          {jobs.map((job) => (
            <RunningJob key={job.id} job={job} />
          ))}
        </ul>
      </Card>
    </section>
  );
}

function RunningJob({ job }: { job: JobPublic }) {
  const done = shareOf(progressOf(job.progress));
  const name = `${kinds[job.kind]} of ${job.model ?? job.recipe}`;
  return (
    <li className="grid gap-2 px-5 py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <Link className="min-w-0 font-medium break-words hover:underline" href={paths.job(job.id)}>
          {name}
        </Link>
        <JobStatus job={job} />
        <span className="ml-auto text-muted-foreground tabular-nums">
          {[stateOf(job), leftOf(job)].filter(Boolean).join(" · ")}
        </span>
      </div>
      {done !== undefined && <Progress label={name} value={done} />}
    </li>
  );
}

/** How far it is; where nothing says that, for how long it has run. */
function stateOf(job: JobPublic): string {
  const says = shareOf(progressOf(job.progress)) !== undefined || job.error;
  return job.started_at && !says ? `Started ${ago(job.started_at)}` : outcomeOf(job);
}

function leftOf(job: JobPublic): string | undefined {
  const { secondsLeft } = progressOf(job.progress);
  return secondsLeft === undefined ? undefined : `${duration(secondsLeft)} left`;
}
