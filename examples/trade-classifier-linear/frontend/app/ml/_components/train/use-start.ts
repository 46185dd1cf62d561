import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import type { TrainingCreate } from "../../_api";
import {
  createJobMutation,
  listJobsInfiniteQueryKey,
  listModelsInfiniteQueryKey,
  listModelsQueryKey,
} from "../../_api/@tanstack/react-query.gen";
import { newKey } from "../../_lib/idempotency";
import { paths } from "../../_lib/paths";

/** Starts a training once, however often it is asked to: one key for each request that differs. */
export function useStart() {
  const router = useRouter();
  const queryClient = useQueryClient();
  const sent = useRef({ request: "", key: "" });
  const create = useMutation({
    ...createJobMutation(),
    meta: { showsErrors: true },
    onSuccess: (job) => {
      for (const queryKey of [
        listJobsInfiniteQueryKey(),
        listModelsInfiniteQueryKey(),
        listModelsQueryKey(),
      ])
        void queryClient.invalidateQueries({ queryKey });
      router.push(paths.job(job.id));
    },
  });

  function start(body: TrainingCreate) {
    const request = JSON.stringify(body);
    if (sent.current.request !== request) sent.current = { request, key: newKey() };
    create.mutate({ body, headers: { "Idempotency-Key": sent.current.key } });
  }

  return {
    start,
    error: create.error,
    reset: create.reset,
    isPending: create.isPending || create.isSuccess,
  };
}
