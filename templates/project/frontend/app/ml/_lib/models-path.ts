import type { DatasetPublic, JobPublic, Model } from "../_api";
import { isOver } from "./jobs";

export type Known = {
  datasets: DatasetPublic[];
  models: Model[];
  jobs: JobPublic[];
  hasPredicted: boolean;
};
export type StepName = "data" | "train" | "predict";
export type StepState = "done" | "next" | "later";

/** How far somebody is on the way from data to predictions. */
export function stepsOf(known: Known): Record<StepName, StepState> {
  const done = {
    data: known.datasets.some((dataset) => dataset.newest_version !== null),
    train: known.models.some((model) => model.versions > 0),
    predict: known.hasPredicted,
  };
  const next = (["data", "train", "predict"] as const).find((name) => !done[name]);
  const stateOf = (name: StepName) => (done[name] ? "done" : name === next ? "next" : "later");
  return { data: stateOf("data"), train: stateOf("train"), predict: stateOf("predict") };
}

export const isNew = (steps: Record<StepName, StepState>) =>
  Object.values(steps).some((state) => state !== "done");

/** Those with errors, then those that nobody has checked yet. */
export function needingAttention(datasets: DatasetPublic[]): DatasetPublic[] {
  const rank: Record<string, number> = { invalid: 0, unchecked: 1 };
  return datasets
    .filter(({ status }) => status !== null && status in rank)
    .toSorted((a, b) => (rank[a.status ?? ""] ?? 0) - (rank[b.status ?? ""] ?? 0));
}

export const inProduction = (models: Model[]) =>
  models.filter((model) => model.production !== null);

export const underWay = (jobs: JobPublic[]) => jobs.filter((job) => !isOver(job));
