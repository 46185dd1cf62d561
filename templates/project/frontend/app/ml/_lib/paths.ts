/** Where the pages and the proxy are; the folder that they are in says so. */
export const BASE = "/ml";
export const API = `${BASE}/api`;

export const paths = {
  overview: BASE,
  signIn: `${BASE}/sign-in`,
  datasets: `${BASE}/datasets`,
  dataset: (id: string) => `${BASE}/datasets/${id}`,
  datasetVersion: (dataset: { id: string; version: number }) =>
    `${BASE}/datasets/${dataset.id}?version=${dataset.version}`,
  train: `${BASE}/train`,
  trainOn: (datasetVersion: string) => `${BASE}/train?data=${datasetVersion}`,
  jobs: `${BASE}/jobs`,
  job: (id: string) => `${BASE}/jobs/${id}`,
  models: `${BASE}/models`,
  model: (name: string) => `${BASE}/models/${name}`,
  version: (name: string, number: number) => `${BASE}/models/${name}/versions/${number}`,
  compare: (name: string, numbers: number[]) =>
    `${BASE}/models/${name}/compare?versions=${numbers.join(",")}`,
  predict: `${BASE}/predict`,
  predictWith: (model: string) => `${BASE}/predict?model=${model}`,
  batch: (model: string) => `${BASE}/predict/batch?model=${model}`,
  predictions: `${BASE}/predictions`,
};
