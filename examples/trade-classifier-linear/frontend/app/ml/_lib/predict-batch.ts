import { useQueryClient } from "@tanstack/react-query";
import { listJobsInfiniteQueryKey, listJobsQueryKey } from "../_api/@tanstack/react-query.gen";
import { isObject } from "./objects";
import { columnsOf, type Mapping } from "./predict-file";
import { upload } from "./upload";
import { useUpload } from "./use-upload";

export type Batch = { file: File; mapping: Mapping; key: string };

/** Sends a file to be answered row by row; the id of the job that does it is handed on. */
export function useBatch(model: string, onAccepted: (job: string) => void) {
  const queryClient = useQueryClient();
  return useUpload({
    send: async ({ file, mapping, key }: Batch, options) => {
      const columns = encodeURIComponent(JSON.stringify(columnsOf(mapping)));
      const path = `/ml/models/${encodeURIComponent(model)}/batch?columns=${columns}`;
      return jobOf(await upload({ path, file, headers: { "Idempotency-Key": key }, ...options }));
    },
    onSuccess: async (job) => {
      const keys = [listJobsQueryKey(), listJobsInfiniteQueryKey()];
      await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      onAccepted(job);
    },
  });
}

function jobOf(answer: unknown): string {
  if (isObject(answer) && typeof answer.id === "string") return answer.id;
  throw new Error("The server took the file, but does not say which job answers it.");
}
