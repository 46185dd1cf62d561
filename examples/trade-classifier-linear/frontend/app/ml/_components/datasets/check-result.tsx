"use client";

import { CircleCheckIcon } from "lucide-react";
import Link from "next/link";
import type { DatasetVersionDetail, JobPublic } from "../../_api";
import { plural } from "../../_lib/format";
import { isOver } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Spinner } from "../ui/spinner";
import { CheckNotes } from "./check-notes";
import { CheckSummary } from "./check-summary";

type Props = { version: DatasetVersionDetail; job: JobPublic | null; isStarting: boolean };

/** How far the check is, then what it found. */
export function CheckResult({ version, job, isStarting }: Props) {
  if (isStarting || (job && !isOver(job))) return <Running version={version} job={job} />;
  if (job && job.status !== "succeeded") return <Ended job={job} />;
  if (version.status === "unchecked") return null;
  return (
    <div className="grid gap-4">
      {version.status === "valid" ? <Ready version={version} /> : <Broken version={version} />}
      <CheckNotes notes={version.notes} />
      <CheckSummary summary={version.summary} />
    </div>
  );
}

function Running({ version, job }: { version: DatasetVersionDetail; job: JobPublic | null }) {
  const rows = version.row_count === null ? "the rows" : plural(version.row_count, "row");
  const isRunning = job?.status === "running";
  return (
    <p aria-live="polite" className="flex items-center gap-2 text-sm text-muted-foreground">
      <Spinner /> {isRunning ? `Checking ${rows}.` : "Waiting for a worker."}
    </p>
  );
}

function Ended({ job }: { job: JobPublic }) {
  const isFailed = job.status === "failed";
  return (
    <Alert
      variant={isFailed ? "error" : "warning"}
      title={isFailed ? "The check failed" : `The check was ${job.status}`}
      actions={
        <Button asChild size="sm" variant="outline">
          <Link href={paths.job(job.id)}>Open the job</Link>
        </Button>
      }
    >
      {job.error}
    </Alert>
  );
}

function Ready({ version }: { version: DatasetVersionDetail }) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-emerald-600/25 bg-emerald-500/8 px-4 py-3 text-sm"
    >
      <CircleCheckIcon
        aria-hidden
        className="size-4 shrink-0 text-emerald-700 dark:text-emerald-400"
      />
      <p className="min-w-0 flex-1 basis-40">
        <span className="font-medium">Ready to train.</span>{" "}
        <span className="text-foreground/85">{version.recipe} found nothing wrong.</span>
      </p>
      <Button asChild size="sm">
        <Link href={paths.trainOn(version.id)}>Train</Link>
      </Button>
    </div>
  );
}

function Broken({ version }: { version: DatasetVersionDetail }) {
  return (
    <Alert
      variant="error"
      title={`${version.recipe} found ${plural(version.problem_count, "problem")}`}
    >
      Mend the file and add it as a new version, or choose other columns.{" "}
      <a href="#problems" className="underline underline-offset-4">
        {version.problem_count === 1 ? "See it" : "See them"}
      </a>
    </Alert>
  );
}
