"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ListChecksIcon, RocketIcon } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { listJobsInfiniteOptions } from "../../_api/@tanstack/react-query.gen";
import { filterOf, isOver, whileRunning } from "../../_lib/jobs";
import { nextPage } from "../../_lib/pages";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { MoreButton } from "../more-button";
import { PageHeader } from "../page-header";
import { RowsSkeleton } from "../rows-skeleton";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { JobFilter } from "./job-filter";
import { JobTable } from "./job-table";

export function JobList() {
  const filter = filterOf(useSearchParams());
  const list = useInfiniteQuery({
    ...listJobsInfiniteOptions({ query: filter }),
    ...nextPage,
    refetchInterval: (query) => {
      const shown = query.state.data?.pages.flatMap((page) => page.items) ?? [];
      return whileRunning(shown.some((job) => !isOver(job)));
    },
  });
  const jobs = list.data?.pages.flatMap((page) => page.items);
  const train = (
    <Button asChild>
      <Link href={paths.train}>
        <RocketIcon /> Train a model
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Jobs"
        description="Trainings, checks of data, deployments and batches: what workers do for you."
        actions={train}
      />
      <JobFilter filter={filter} />
      {list.error && !jobs && <Failure error={list.error} onRetry={list.refetch} />}
      {(jobs || !list.error) && (
        <Card>
          {!jobs && <RowsSkeleton rows={6} />}
          {jobs?.length === 0 && <NoJobs isFiltered={!!filter.kind || !!filter.status} />}
          {jobs && jobs.length > 0 && <JobTable jobs={jobs} />}
          <MoreButton list={list} />
        </Card>
      )}
    </>
  );
}

function NoJobs({ isFiltered }: { isFiltered: boolean }) {
  if (!isFiltered)
    return (
      <Empty icon={ListChecksIcon} title="No jobs yet">
        A job begins when you check data, train a model, put it into production or let it answer a
        whole file.
      </Empty>
    );
  const all = (
    <Button asChild variant="outline" size="sm">
      <Link href={paths.jobs}>Show all jobs</Link>
    </Button>
  );
  return <Empty icon={ListChecksIcon} title="No jobs of this sort" action={all} />;
}
