"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getModelOptions, listVersionsInfiniteOptions } from "../../_api/@tanstack/react-query.gen";
import { isOver } from "../../_lib/jobs";
import { useNewestJob, useRecipes } from "../../_lib/models-queries";
import { nextPage } from "../../_lib/pages";
import { paths } from "../../_lib/paths";
import { Failure } from "../failure";
import { PageHeader } from "../page-header";
import { Skeleton } from "../ui/skeleton";
import { DeleteModel } from "./delete-model";
import { JobNotes } from "./job-notes";
import { ModelActions } from "./model-actions";
import { ModelSummary } from "./model-summary";
import { NotLoaded } from "./not-loaded";
import { ServingStatus } from "./serving-status";
import { VersionsCard } from "./versions-card";

const back = { href: paths.models, title: "Models" };
const VERSIONS = 50; // on a page

export function ModelPage({ name }: { name: string }) {
  const found = useQuery(getModelOptions({ path: { name } }));
  const list = useInfiniteQuery({
    ...listVersionsInfiniteOptions({ path: { name }, query: { limit: VERSIONS } }),
    ...nextPage,
    enabled: found.isSuccess,
  });
  const recipes = useRecipes();
  const deployment = useNewestJob(name, "deploy");
  const training = useNewestJob(name, "train");
  const isDeploying = deployment !== undefined && !isOver(deployment);
  const model = found.data;
  const recipe = model && recipes.get(model.recipe);
  const versions = list.data?.pages.flatMap((page) => page.items);
  const numbers = new Map(versions?.map((version) => [version.id, version.number]));

  return (
    <>
      <PageHeader
        back={back}
        title={
          <>
            {name} {model && <ServingStatus model={model} />}
          </>
        }
        description={
          model ? `${recipe?.title ?? model.task ?? "Model"} · ${model.recipe}` : "\u00a0"
        }
        actions={model && <ModelActions model={model} />}
      />
      {found.error && (
        <NotLoaded
          error={found.error}
          onRetry={found.refetch}
          what={`model named ${name}`}
          back={back}
        />
      )}
      {found.isPending && <ModelSkeleton />}
      {model && (
        <>
          <JobNotes deployment={deployment} training={training} numbers={numbers} />
          <div className="grid grid-cols-1 gap-5">
            {list.error && <Failure error={list.error} onRetry={list.refetch} />}
            {list.isPending && <ModelSkeleton />}
            {versions && (
              <>
                <ModelSummary
                  model={model}
                  versions={versions}
                  metric={recipe?.metric}
                  isDeploying={isDeploying}
                />
                <VersionsCard
                  model={model}
                  versions={versions}
                  metric={recipe?.metric}
                  list={list}
                  isDeploying={isDeploying}
                />
              </>
            )}
            <DeleteModel model={model} />
          </div>
        </>
      )}
    </>
  );
}

function ModelSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="grid gap-5">
      <Skeleton className="h-44 rounded-xl" />
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
