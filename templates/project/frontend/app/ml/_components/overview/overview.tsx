"use client";

import { useQuery } from "@tanstack/react-query";
import {
  listDatasetsOptions,
  listJobsOptions,
  listModelsOptions,
  listPredictionsOptions,
} from "../../_api/@tanstack/react-query.gen";
import { whileRunning } from "../../_lib/jobs";
import { isNew, stepsOf, underWay } from "../../_lib/models-path";
import { Failure } from "../failure";
import { PageHeader } from "../page-header";
import { FirstSteps } from "./first-steps";
import { DatasetsToMend } from "./datasets-to-mend";
import { OverviewSkeleton } from "./overview-skeleton";
import { ProductionModels } from "./production-models";
import { RecentJobs } from "./recent-jobs";
import { RunningJobs } from "./running-jobs";

const FEW = { query: { limit: 20 } };

export function Overview() {
  const models = useQuery(listModelsOptions(FEW));
  const datasets = useQuery(listDatasetsOptions(FEW));
  const predictions = useQuery(listPredictionsOptions({ query: { limit: 1 } }));
  const jobs = useQuery({
    ...listJobsOptions(FEW),
    refetchInterval: ({ state }) => whileRunning(underWay(state.data?.items ?? []).length > 0),
  });
  const queries = [models, datasets, predictions, jobs];
  const failed = queries.find((query) => query.error);
  const retry = () => Promise.all(queries.map((query) => query.refetch()));

  return (
    <>
      <PageHeader title="Overview" description="Your models, and what goes on." />
      {failed && <Failure error={failed.error} onRetry={retry} />}
      {!failed && queries.some((query) => query.isPending) && <OverviewSkeleton />}
      {!failed && models.data && datasets.data && predictions.data && jobs.data && (
        <Content
          known={{
            models: models.data.items,
            datasets: datasets.data.items,
            jobs: jobs.data.items,
            hasPredicted: predictions.data.items.length > 0,
          }}
        />
      )}
    </>
  );
}

function Content({ known }: { known: Parameters<typeof stepsOf>[0] }) {
  const steps = stepsOf(known);
  return (
    <div className="grid grid-cols-1 gap-8">
      {isNew(steps) && <FirstSteps steps={steps} known={known} />}
      <RunningJobs jobs={underWay(known.jobs)} />
      <ProductionModels models={known.models} />
      <DatasetsToMend datasets={known.datasets} />
      <RecentJobs jobs={known.jobs} />
    </div>
  );
}
