"use client";

import { useQuery } from "@tanstack/react-query";
import { getDatasetOptions } from "../../_api/@tanstack/react-query.gen";
import { paths } from "../../_lib/paths";
import { Failure } from "../failure";
import { PageHeader } from "../page-header";
import { Skeleton } from "../ui/skeleton";
import { Dataset } from "./dataset";
import { VersionSkeleton } from "./version-skeleton";

export const back = { href: paths.datasets, title: "Data sets" };

export function DatasetPage({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(getDatasetOptions({ path: { dataset_id: id } }));
  if (data) return <Dataset dataset={data} />;
  if (error) {
    return (
      <>
        <PageHeader title="Data set" back={back} />
        <Failure error={error} onRetry={refetch} />
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={<Skeleton className="h-8 w-56" />}
        description="Loading"
        back={back}
        actions={<Skeleton className="h-9 w-64" />}
      />
      <VersionSkeleton />
    </>
  );
}
