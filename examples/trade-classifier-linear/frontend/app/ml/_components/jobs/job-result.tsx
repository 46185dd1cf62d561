import { useMutation } from "@tanstack/react-query";
import { CircleCheckIcon, DownloadIcon, TriangleAlertIcon } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import type { JobPublic } from "../../_api";
import { download } from "../../_lib/download";
import { plural } from "../../_lib/format";
import { outcomeOf } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { numbersOf } from "../../_lib/run";
import { useDatasetVersion } from "../train/use-dataset-version";
import { Button } from "../ui/button";
import { Card } from "../ui/card";

/** What a job that has succeeded leaves, and the way there. */
export function JobResult({ job }: { job: JobPublic }) {
  if (job.status !== "succeeded") return null;
  const { problem_count = 0, failed = 0 } = numbersOf(job.result);
  const isMixed = problem_count > 0 || failed > 0;
  const { title, action } = results[job.kind](job);
  return (
    <Card className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4">
      <p className="flex min-w-0 items-center gap-3 font-medium">
        {isMixed ? (
          <TriangleAlertIcon
            aria-hidden
            className="size-5 shrink-0 text-amber-600 dark:text-amber-400"
          />
        ) : (
          <CircleCheckIcon
            aria-hidden
            className="size-5 shrink-0 text-emerald-700 dark:text-emerald-400"
          />
        )}
        {title}
      </p>
      {action}
    </Card>
  );
}

const results: Record<JobPublic["kind"], (job: JobPublic) => { title: string; action: ReactNode }> =
  {
    train: (job) => ({
      title: `${outcomeOf(job)} of the model is ready.`,
      action: <VersionLink job={job} />,
    }),
    deploy: (job) => ({
      title: `${outcomeOf(job)} is in production.`,
      action: <VersionLink job={job} />,
    }),
    check: (job) => ({
      title:
        job.result.status === "valid"
          ? "The data is ready: no problems were found."
          : `The data has ${outcomeOf(job)}.`,
      action: <DatasetLink version={job.dataset_version_id} />,
    }),
    estimate: (job) => ({
      title: `${outcomeOf(job)}.`,
      action: <TrainLink version={job.dataset_version_id} />,
    }),
    batch: (job) => ({ title: answered(job), action: <DownloadAnswers job={job} /> }),
  };

function answered(job: JobPublic): string {
  const { rows = 0, failed = 0 } = numbersOf(job.result);
  return failed
    ? `${plural(rows - failed, "row")} answered, ${plural(failed, "row")} could not be.`
    : `${plural(rows, "row")} answered.`;
}

function VersionLink({ job }: { job: JobPublic }) {
  const { version } = numbersOf(job.result);
  if (!job.model || version === undefined) return null;
  return (
    <Button asChild>
      <Link href={paths.version(job.model, version)}>Open version {version}</Link>
    </Button>
  );
}

function DatasetLink({ version }: { version: string | null }) {
  const found = useDatasetVersion(version);
  if (!found.data) return null;
  return (
    <Button asChild>
      <Link href={paths.dataset(found.data.dataset.id)}>Open {found.data.dataset.name}</Link>
    </Button>
  );
}

function TrainLink({ version }: { version: string | null }) {
  if (!version) return null;
  return (
    <Button asChild>
      <Link href={paths.trainOn(version)}>Train on this data</Link>
    </Button>
  );
}

function DownloadAnswers({ job }: { job: JobPublic }) {
  const path = `/ml/jobs/${job.id}/result`;
  const saving = useMutation({
    mutationFn: () => download(path, `${job.model ?? job.id}-answers.csv`),
  });
  return (
    <Button pending={saving.isPending} onClick={() => saving.mutate()}>
      <DownloadIcon /> Download CSV
    </Button>
  );
}
