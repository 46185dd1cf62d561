"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { DownloadIcon, FileSpreadsheetIcon } from "lucide-react";
import Link from "next/link";
import type { JobPublic } from "../../_api";
import { listJobsOptions } from "../../_api/@tanstack/react-query.gen";
import { download } from "../../_lib/download";
import { ago } from "../../_lib/format";
import { isOver, outcomeOf, whileRunning } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { JobStatus } from "../job-status";
import { RowsSkeleton } from "../rows-skeleton";
import { Button } from "../ui/button";
import { Card, CardHeader } from "../ui/card";

const SHOWN = 5;

/** The last files that a model was given. */
export function RecentBatches({ model }: { model: string }) {
  const list = useQuery({
    ...listJobsOptions({ query: { kind: "batch", model, limit: SHOWN } }),
    refetchInterval: (query) =>
      whileRunning(query.state.data?.items.some((job) => !isOver(job)) ?? false),
  });
  const jobs = list.data?.items;
  if (list.error) return <Failure error={list.error} onRetry={list.refetch} />;
  return (
    <Card>
      <CardHeader title="Recent files" />
      <div className="border-t">
        {!jobs && <RowsSkeleton rows={2} />}
        {jobs?.length === 0 && (
          <Empty icon={FileSpreadsheetIcon} title={`${model} has answered no file yet`}>
            The files that it answers are listed here, to download.
          </Empty>
        )}
        <ul>
          {jobs?.map((job) => (
            <BatchRow key={job.id} job={job} />
          ))}
        </ul>
      </div>
    </Card>
  );
}

function BatchRow({ job }: { job: JobPublic }) {
  const saving = useMutation({
    mutationFn: () => download(`/ml/jobs/${job.id}/result`, `${job.model ?? "batch"}-answers.csv`),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3 text-sm not-last:border-b">
      <Link href={paths.job(job.id)} className="font-medium hover:underline">
        Batch, <time dateTime={job.created_at}>{ago(job.created_at)}</time>
      </Link>
      <JobStatus job={job} />
      <span className="min-w-0 flex-1 truncate text-muted-foreground tabular-nums">
        {outcomeOf(job)}
      </span>
      {job.status === "succeeded" && (
        <Button
          size="sm"
          variant="outline"
          pending={saving.isPending}
          onClick={() => saving.mutate()}
        >
          <DownloadIcon /> Download
        </Button>
      )}
    </li>
  );
}
