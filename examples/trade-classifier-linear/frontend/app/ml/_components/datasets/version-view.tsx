"use client";

import { useQuery } from "@tanstack/react-query";
import type { DatasetPublic, DatasetVersionDetail } from "../../_api";
import { getDatasetVersionOptions, listRecipesOptions } from "../../_api/@tanstack/react-query.gen";
import { useMapping } from "../../_lib/datasets-mapping";
import { Failure } from "../failure";
import { CheckCard, type Recipes } from "./check-card";
import { PreviewCard } from "./preview-card";
import { ProblemList } from "./problem-list";
import { VersionList } from "./version-list";
import { CheckSkeleton, PreviewSkeleton } from "./version-skeleton";

type Props = { dataset: DatasetPublic; number: number; onChoose: (number: number) => void };

/** One version beside the list of all. */
export function VersionView({ dataset, number, onChoose }: Props) {
  const version = useQuery(getDatasetVersionOptions({ path: { dataset_id: dataset.id, number } }));
  const recipes = useQuery(listRecipesOptions());
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <div className="lg:col-start-2 lg:row-start-1">
        <VersionList dataset={dataset} chosen={number} onChoose={onChoose} />
      </div>
      {version.data && !recipes.isPending && <Version version={version.data} recipes={recipes} />}
      {!version.data && version.error && (
        <div className="lg:col-start-1 lg:row-start-1">
          <Failure error={version.error} onRetry={version.refetch} />
        </div>
      )}
      {(version.isPending || (version.data && recipes.isPending)) && (
        <>
          <CheckSkeleton />
          <PreviewSkeleton />
        </>
      )}
    </div>
  );
}

type VersionProps = { version: DatasetVersionDetail; recipes: Recipes };

function Version({ version, recipes }: VersionProps) {
  const mapping = useMapping(version, recipes.data?.items ?? []);
  return (
    <>
      <div className="lg:col-start-1 lg:row-start-1">
        <CheckCard version={version} recipes={recipes} mapping={mapping} />
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:col-span-2">
        <PreviewCard version={version} columns={mapping.columns} />
        {version.problems.length > 0 && <ProblemList version={version} />}
      </div>
    </>
  );
}
