import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { listJobsInfiniteQueryKey, listJobsQueryKey } from "../_api/@tanstack/react-query.gen";
import { isObject } from "./inputs-schema";
import { columnsOf, type Mapping } from "./predict-file";
import { upload } from "./upload";

export type Batch = { file: File; mapping: Mapping; key: string };

/** Sends a file to be answered row by row; the id of the job that does it is handed on. */
export function useBatch(model: string, onAccepted: (job: string) => void) {
  const queryClient = useQueryClient();
  const [share, setShare] = useState(0);
  const controller = useRef<AbortController>(null);
  const sending = useMutation({
    meta: { showsErrors: true },
    mutationFn: async (batch: Batch) => {
      const { signal } = (controller.current = new AbortController());
      setShare(0);
      const columns = encodeURIComponent(JSON.stringify(columnsOf(batch.mapping)));
      const path = `/ml/models/${encodeURIComponent(model)}/batch?columns=${columns}`;
      const headers = { "Idempotency-Key": batch.key };
      return jobOf(await upload({ path, file: batch.file, headers, signal, onProgress: setShare }));
    },
    onSuccess: async (job) => {
      const keys = [listJobsQueryKey(), listJobsInfiniteQueryKey()];
      await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      onAccepted(job);
    },
  });
  const isCancelled = sending.error?.name === "AbortError";
  return {
    start: sending.mutate,
    cancel: () => controller.current?.abort(),
    reset: sending.reset,
    isPending: sending.isPending,
    share,
    error: isCancelled ? null : sending.error,
  };
}

function jobOf(answer: unknown): string {
  if (isObject(answer) && typeof answer.id === "string") return answer.id;
  throw new Error("The server took the file, but does not say which job answers it.");
}
