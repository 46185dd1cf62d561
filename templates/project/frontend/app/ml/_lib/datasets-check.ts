import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import {
  checkDatasetVersion,
  type DatasetVersionDetail,
  type JobPublic,
  mapDatasetVersion,
} from "../_api";
import {
  getDatasetVersionQueryKey,
  listJobsOptions,
  listJobsQueryKey,
} from "../_api/@tanstack/react-query.gen";
import { useRefreshDataset } from "./datasets";
import type { Mapping } from "./datasets-mapping";
import { newKey } from "./idempotency";
import { isOver, whileRunning } from "./jobs";

const MOST = 100; // jobs on a page of the API

/** The newest check of a version, followed until it is over; the version is asked for anew then. */
export function useNewestCheck(version: DatasetVersionDetail): JobPublic | null {
  const refresh = useRefreshDataset(version.dataset_id);
  const { data: job } = useQuery({
    ...listJobsOptions({ query: { kind: "check", limit: MOST } }),
    select: ({ items }) => checkOf(version.id, items) ?? null,
    refetchInterval: ({ state }) => {
      const job = checkOf(version.id, state.data?.items ?? []);
      return whileRunning(job !== undefined && !isOver(job));
    },
  });

  const state = job === undefined ? undefined : `${job?.id} ${job?.status}`;
  const last = useRef(state);
  useEffect(() => {
    if (last.current !== undefined && last.current !== state) void refresh(version.number);
    last.current = state;
  });
  return job ?? null;
}

/** Saves the mapping where it was changed, then starts the check. */
export function useCheck(version: DatasetVersionDetail, mapping: Mapping) {
  const queryClient = useQueryClient();
  const refresh = useRefreshDataset(version.dataset_id);
  const keyOf = useIdempotencyKey();
  const path = { dataset_id: version.dataset_id, number: version.number };
  return useMutation({
    meta: { showsErrors: true },
    mutationFn: async (recipe: string) => {
      const { columns, isChanged } = mapping;
      if (isChanged) {
        const { data } = await mapDatasetVersion({ path, body: { columns }, throwOnError: true });
        queryClient.setQueryData(getDatasetVersionQueryKey({ path }), data);
      }
      const headers = { "Idempotency-Key": keyOf({ recipe, columns }) };
      await checkDatasetVersion({ path, body: { recipe }, headers, throwOnError: true });
    },
    onSuccess: async () => {
      mapping.reset();
      keyOf(null);
      await queryClient.invalidateQueries({ queryKey: listJobsQueryKey() });
    },
    onError: () => refresh(), // the mapping may have been saved, which resets the status
  });
}

/** The same key as long as the same is asked for: a retry starts no second job. */
function useIdempotencyKey() {
  const last = useRef({ intent: "", key: "" });
  return (asked: unknown) => {
    const intent = JSON.stringify(asked);
    if (intent !== last.current.intent) last.current = { intent, key: newKey() };
    return last.current.key;
  };
}

const checkOf = (version: string, jobs: JobPublic[]) =>
  jobs.find((job) => job.dataset_version_id === version);
