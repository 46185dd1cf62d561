"use client";

import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { JobPublic } from "../../_api";
import { ago } from "../../_lib/format";
import { isOver, shareOf } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { progressOf } from "../../_lib/run";
import { JobStatus } from "../job-status";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Progress } from "../ui/progress";
import { Spinner } from "../ui/spinner";

type Numbers = Map<string, number>;

type Props = { deployment?: JobPublic; training?: JobPublic; numbers: Numbers };

/** What happens to a model at this moment, in place, until it is over. */
export function JobNotes({ deployment, training, numbers }: Props) {
  return (
    <div aria-live="polite" className="grid gap-3 not-empty:mb-5">
      {deployment && <DeploymentNote key={deployment.id} job={deployment} numbers={numbers} />}
      {training && <TrainingNote key={training.id} job={training} />}
    </div>
  );
}

function DeploymentNote({ job, numbers }: { job: JobPublic; numbers: Numbers }) {
  const number = numbers.get(job.model_version_id ?? "");
  const version = number === undefined ? "the version" : `version ${number}`;
  if (!isOver(job)) {
    return (
      <Running job={job} title={`A server for ${version} is being made ready`}>
        {job.error && `Tried again: ${job.error}`}
      </Running>
    );
  }
  return <Failed job={job} title={`The server for ${version} did not become ready`} />;
}

function TrainingNote({ job }: { job: JobPublic }) {
  if (!isOver(job)) return <Running job={job} title="A new version is being trained" />;
  return <Failed job={job} title="The newest training failed" />;
}

/** Until it is dismissed, or the next one of its kind begins. */
function Failed({ job, title }: { job: JobPublic; title: string }) {
  const [isDismissed, setDismissed] = useState(false);
  if (job.status !== "failed" || isDismissed) return null;
  return (
    <Alert
      variant="error"
      title={title}
      actions={
        <>
          <JobLink job={job} />
          <Button size="sm" variant="ghost" onClick={() => setDismissed(true)}>
            Dismiss
          </Button>
        </>
      }
    >
      {job.error ?? "The job does not say why."}{" "}
      {job.finished_at && (
        <span className="text-muted-foreground">It ended {ago(job.finished_at)}.</span>
      )}
    </Alert>
  );
}

type RunningProps = { job: JobPublic; title: string; children?: ReactNode };

function Running({ job, title, children }: RunningProps) {
  const share = shareOf(progressOf(job.progress));
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border bg-card px-4 py-3 text-sm shadow-xs">
      <Spinner label="Under way" className="text-primary" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">{title}</p>
        {children && <p className="text-muted-foreground">{children}</p>}
        {share !== undefined && <Progress label={title} value={share} className="mt-2 max-w-md" />}
      </div>
      <JobStatus job={job} />
      <JobLink job={job} />
    </div>
  );
}

function JobLink({ job }: { job: JobPublic }) {
  return (
    <Button asChild size="sm" variant="outline">
      <Link href={paths.job(job.id)}>Open the job</Link>
    </Button>
  );
}
