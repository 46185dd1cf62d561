"use client";

import { useQuery } from "@tanstack/react-query";
import { DatabaseIcon, PackageSearchIcon } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import type { DatasetPublic } from "../../_api";
import {
  listDatasetsOptions,
  listModelsOptions,
  listRecipesOptions,
} from "../../_api/@tanstack/react-query.gen";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { PageHeader } from "../page-header";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { Skeleton } from "../ui/skeleton";
import { TrainForm } from "./train-form";
import { useDatasetVersion } from "./use-dataset-version";

const LIMIT = 100; // the most that the API gives at once

export function Train() {
  return (
    <>
      <PageHeader
        title="Train"
        description="Choose what to learn from and how. Each training becomes a version of a model, which you can compare and put into production."
      />
      <Content />
    </>
  );
}

function Content() {
  const query = useSearchParams();
  const recipes = useQuery(listRecipesOptions());
  const datasets = useQuery(listDatasetsOptions({ query: { limit: LIMIT } }));
  const models = useQuery(listModelsOptions({ query: { limit: LIMIT } }));
  const asked = query.get("data");
  const data = useDatasetVersion(asked);
  const failed = [recipes, datasets, models, data].find((part) => part.error);

  if (failed) return <Failure error={failed.error} onRetry={failed.refetch} />;
  if (!recipes.data || !datasets.data || !models.data || data.isLoading) return <FormSkeleton />;
  if (recipes.data.items.length === 0) return <NoRecipes />;
  if (datasets.data.items.every((dataset) => dataset.newest_version === null)) return <NoData />;
  return (
    <TrainForm
      recipes={recipes.data.items}
      datasets={withFound(datasets.data.items, data.data?.dataset)}
      models={models.data.items}
      data={data.data ?? undefined}
      isDataMissing={asked !== null && data.data === null}
      model={query.get("model") ?? undefined}
    />
  );
}

/** The data set that was asked for may be older than those that are listed. */
function withFound(listed: DatasetPublic[], found?: DatasetPublic): DatasetPublic[] {
  const isListed = !found || listed.some(({ id }) => id === found.id);
  return isListed ? listed : [...listed, found];
}

function NoRecipes() {
  return (
    <Card>
      <Empty icon={PackageSearchIcon} title="No recipes yet">
        A recipe is a model folder that a worker can train. It appears here as soon as a worker runs
        that has one.
      </Empty>
    </Card>
  );
}

function NoData() {
  const upload = (
    <Button asChild>
      <Link href={paths.datasets}>Open data sets</Link>
    </Button>
  );
  return (
    <Card>
      <Empty icon={DatabaseIcon} title="No data to learn from yet" action={upload}>
        Create a data set and upload a file to it. Then come back.
      </Empty>
    </Card>
  );
}

function FormSkeleton() {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_18rem]"
    >
      <div className="grid gap-5">
        {["h-36", "h-44", "h-36", "h-96"].map((height, part) => (
          <Skeleton key={part} className={`${height} rounded-xl`} />
        ))}
      </div>
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
