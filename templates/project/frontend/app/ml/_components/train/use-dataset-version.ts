import { useQuery } from "@tanstack/react-query";
import {
  type DatasetPublic,
  type DatasetVersion,
  listDatasets,
  listDatasetVersions,
} from "../../_api";

export type Found = { dataset: DatasetPublic; version: DatasetVersion };

const LIMIT = 100;

/** The data set that a version belongs to; null if it is gone. */
export function useDatasetVersion(id: string | null) {
  return useQuery({
    queryKey: ["datasetVersion", id],
    queryFn: ({ signal }) => find(id, signal),
    enabled: id !== null,
    staleTime: 30_000,
  });
}

/** The API knows versions by data set and number only: the newest data sets are the likely ones. */
async function find(id: string | null, signal: AbortSignal): Promise<Found | null> {
  for await (const dataset of datasets(signal)) {
    if (dataset.newest_version === null) continue;
    for await (const version of versions(dataset.id, signal))
      if (version.id === id) return { dataset, version };
  }
  return null;
}

async function* datasets(signal: AbortSignal): AsyncGenerator<DatasetPublic> {
  let cursor: string | null | undefined;
  do {
    const query = { limit: LIMIT, cursor };
    const { data } = await listDatasets({ query, signal, throwOnError: true });
    yield* data.items;
    cursor = data.next_cursor;
  } while (cursor);
}

async function* versions(dataset: string, signal: AbortSignal): AsyncGenerator<DatasetVersion> {
  let cursor: string | null | undefined;
  do {
    const { data } = await listDatasetVersions({
      path: { dataset_id: dataset },
      query: { limit: LIMIT, cursor },
      signal,
      throwOnError: true,
    });
    yield* data.items;
    cursor = data.next_cursor;
  } while (cursor);
}
