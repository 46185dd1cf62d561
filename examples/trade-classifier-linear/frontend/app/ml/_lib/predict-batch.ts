import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { listJobsInfiniteQueryKey, listJobsQueryKey } from "../_api/@tanstack/react-query.gen";
import { isObject } from "./inputs-schema";
import { API } from "./paths";
import { columnsOf, type Mapping } from "./predict-file";
import { isProblem } from "./problems";
import { useSignIn } from "./session";

export type Batch = { file: File; mapping: Mapping; key: string };
type Sending = {
  url: string;
  batch: Batch;
  token: string | undefined;
  signal: AbortSignal;
  onProgress: (share: number) => void;
};

/** Sends a file to be answered row by row; the id of the job that does it is handed on. */
export function useBatch(model: string, onAccepted: (job: string) => void) {
  const { auth } = useSignIn();
  const queryClient = useQueryClient();
  const [share, setShare] = useState(0);
  const controller = useRef<AbortController>(null);
  const sending = useMutation({
    meta: { showsErrors: true },
    mutationFn: async (batch: Batch) => {
      const { signal } = (controller.current = new AbortController());
      setShare(0);
      const { data } = await auth.getSession();
      const columns = encodeURIComponent(JSON.stringify(columnsOf(batch.mapping)));
      const url = `${API}/ml/models/${encodeURIComponent(model)}/batch?columns=${columns}`;
      const token = data.session?.access_token;
      return jobOf(await send({ url, batch, token, signal, onProgress: setShare }));
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

/** By XMLHttpRequest, as fetch does not say how much is sent. */
function send({ url, batch, token, signal, onProgress }: Sending): Promise<unknown> {
  const form = new FormData();
  form.set("file", batch.file);
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("Idempotency-Key", batch.key);
  if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => request.abort());
    request.onload = () => {
      const answer = json(request.responseText);
      if (request.status < 400) resolve(answer);
      else reject(isProblem(answer) ? answer : new Error(`The server answers ${request.status}.`));
    };
    request.onerror = () => reject(new TypeError("The connection was lost."));
    request.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
    request.send(form);
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page of some proxy on the way
  }
}

function jobOf(answer: unknown): string {
  if (isObject(answer) && typeof answer.id === "string") return answer.id;
  throw new Error("The server took the file, but does not say which job answers it.");
}
