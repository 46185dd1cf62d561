import type { Prepared } from "./prepared";

export type Place = { name: string; path: string };

/** Pages that everybody has, whatever is there. */
export const places: Place[] = [
  { name: "overview", path: "/ml" },
  { name: "datasets", path: "/ml/datasets" },
  { name: "train", path: "/ml/train" },
  { name: "jobs", path: "/ml/jobs" },
  { name: "models", path: "/ml/models" },
  { name: "predict", path: "/ml/predict" },
  { name: "batch", path: "/ml/predict/batch" },
  { name: "predictions", path: "/ml/predictions" },
];

/** Pages of one thing; what that is called is known when the test runs. */
export const details: { name: string; path: (found: Prepared) => string }[] = [
  { name: "dataset", path: ({ dataset }) => `/ml/datasets/${dataset}` },
  { name: "dataset-with-errors", path: ({ faultyDataset }) => `/ml/datasets/${faultyDataset}` },
  { name: "training", path: ({ training }) => `/ml/jobs/${training}` },
  { name: "batch-job", path: ({ batch }) => `/ml/jobs/${batch}` },
  { name: "model", path: ({ model }) => `/ml/models/${model}` },
  { name: "version", path: ({ model }) => `/ml/models/${model}/versions/1` },
  { name: "compare", path: ({ model }) => `/ml/models/${model}/compare?versions=1,2` },
];
