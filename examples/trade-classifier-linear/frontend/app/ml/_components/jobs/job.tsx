"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { JobPublic } from "../../_api";
import { getJobOptions, getJobQueryKey } from "../../_api/@tanstack/react-query.gen";
import { estimateOf } from "../../_lib/estimates";
import { useJobEvents } from "../../_lib/job-events";
import { isOver, kinds, whileRunning } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { EstimateTable } from "../estimate-table";
import { Failure } from "../failure";
import { PageHeader } from "../page-header";
import { Card, CardHeader } from "../ui/card";
import { Skeleton } from "../ui/skeleton";
import { JobCharts } from "./job-charts";
import { JobDetails } from "./job-details";
import { JobHeader } from "./job-header";
import { JobMetrics } from "./job-metrics";
import { JobNotices } from "./job-notices";
import { JobProgress } from "./job-progress";
import { JobResult } from "./job-result";

export function Job({ id }: { id: string }) {
  const query = useQuery({
    ...getJobOptions({ path: { job_id: id } }),
    refetchInterval: ({ state }) => whileRunning(!!state.data && !isOver(state.data)),
  });
  if (query.data) return <JobView job={query.data} />;
  if (!query.error) return <JobSkeleton />;
  return (
    <>
      <PageHeader title="Job" back={{ href: paths.jobs, title: "Jobs" }} />
      <Failure error={query.error} onRetry={query.refetch} />
    </>
  );
}

function JobView({ job }: { job: JobPublic }) {
  const queryClient = useQueryClient();
  const { run, connection } = useJobEvents(job.id, isOver(job));
  const news = run.story.length;
  const estimate = estimateOf(job);

  useEffect(() => {
    document.title = `${kinds[job.kind]} · ${job.model ?? job.recipe}`;
  }, [job.kind, job.model, job.recipe]);

  useEffect(() => {
    if (news)
      void queryClient.invalidateQueries({
        queryKey: getJobQueryKey({ path: { job_id: job.id } }),
      });
  }, [news, job.id, queryClient]);

  return (
    <>
      <JobHeader job={job} />
      <div className="grid grid-cols-1 gap-5">
        <JobNotices job={job} run={run} connection={connection} />
        <JobResult job={job} />
        <JobProgress job={job} run={run} />
        {estimate && (
          <Card>
            <CardHeader title="Estimate" description={`At ${estimate.provider}.`} />
            <EstimateTable {...estimate} />
          </Card>
        )}
        {news === 0 && <Skeleton className="h-96 rounded-xl" />}
        {news > 0 && job.kind === "train" && <JobCharts job={job} run={run} />}
        {news > 0 && job.kind === "train" && <JobMetrics run={run} />}
        {news > 0 && <JobDetails job={job} run={run} />}
      </div>
    </>
  );
}

function JobSkeleton() {
  return (
    <div role="status" aria-label="Loading">
      <Skeleton className="mb-3 h-4 w-12" />
      <Skeleton className="h-8 w-48" />
      <Skeleton className="mt-2 mb-6 h-4 w-72" />
      <Card className="h-36" />
      <Card className="mt-5 h-80" />
    </div>
  );
}
