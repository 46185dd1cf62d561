import { useQueryClient } from "@tanstack/react-query";
import { usePathname, useSearchParams } from "next/navigation";
import type { DatasetPublic, DatasetVersion } from "../_api";
import {
  getDatasetQueryKey,
  getDatasetVersionQueryKey,
  listDatasetsQueryKey,
  listDatasetVersionsQueryKey,
} from "../_api/@tanstack/react-query.gen";
import { bytes, plural } from "./format";

export const FILE_TYPES = [".csv", ".tsv", ".json", ".jsonl", ".parquet"];

/** Whether a file's name ends in what the API reads; it says so too, but only once it is sent. */
export const isReadable = (name: string) =>
  FILE_TYPES.some((type) => name.toLowerCase().endsWith(type));

export const sources: Record<DatasetVersion["source"], string> = {
  upload: "File",
  url: "Web address",
  table: "Table",
  hub: "Hugging Face",
  corrections: "Corrections",
};

/** As "63 rows · 8.1 kB"; the rows of a name on the hub are not known before a check. */
export function sizeOf({ row_count, bytes: size }: DatasetVersion): string {
  const rows = row_count === null ? "Rows not counted yet" : plural(row_count, "row");
  return size === null ? rows : `${rows} · ${bytes(size)}`;
}

/** The version that the address names, else the newest; null where there is none. */
export function useChosenVersion(dataset: DatasetPublic) {
  const pathname = usePathname();
  const asked = Number(useSearchParams().get("version"));
  const isNumber = Number.isInteger(asked) && asked > 0;
  return {
    number: isNumber ? asked : dataset.newest_version,
    choose: (number: number) =>
      window.history.replaceState(null, "", `${pathname}?version=${number}`),
  };
}

/** Asks anew for all that shows a data set, and for one version of it. */
export function useRefreshDataset(id: string) {
  const queryClient = useQueryClient();
  return async (number?: number) => {
    const keys = [
      getDatasetQueryKey({ path: { dataset_id: id } }),
      listDatasetVersionsQueryKey({ path: { dataset_id: id } }),
      listDatasetsQueryKey(),
      ...(number ? [getDatasetVersionQueryKey({ path: { dataset_id: id, number } })] : []),
    ];
    await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  };
}
