import { useQuery } from "@tanstack/react-query";
import {
  type DatasetPublic,
  type DatasetVersion,
  findDatasetVersion,
  getDataset,
} from "../../_api";
import { isProblem } from "../../_lib/problems";

export type Found = { dataset: DatasetPublic; version: DatasetVersion };

/** A version of a data set by its own id, with the data set; null if it is gone. */
export function useDatasetVersion(id: string | null) {
  return useQuery({
    queryKey: ["datasetVersion", id],
    queryFn: ({ signal }) => (id === null ? null : find(id, signal)),
    enabled: id !== null,
    staleTime: 30_000,
  });
}

async function find(id: string, signal: AbortSignal): Promise<Found | null> {
  const options = { signal, throwOnError: true } as const;
  try {
    const version = await findDatasetVersion({ path: { version_id: id }, ...options });
    const path = { dataset_id: version.data.dataset_id };
    const dataset = await getDataset({ path, ...options });
    return { dataset: dataset.data, version: version.data };
  } catch (error) {
    if (isProblem(error) && [404, 422].includes(error.status)) return null; // 422: no id at all
    throw error;
  }
}
