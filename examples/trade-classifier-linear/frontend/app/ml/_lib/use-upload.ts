import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { UploadOptions } from "./upload";

type Sent<Input, Answer> = {
  send: (input: Input, options: Pick<UploadOptions, "signal" | "onProgress">) => Promise<Answer>;
  onSuccess: (answer: Answer) => unknown;
};

/** Sends a file, says how far it is, and can be told to leave it. */
export function useUpload<Input, Answer>({ send, onSuccess }: Sent<Input, Answer>) {
  const [share, setShare] = useState(0);
  const controller = useRef<AbortController>(null);
  const sending = useMutation({
    meta: { showsErrors: true },
    mutationFn: (input: Input) => {
      const { signal } = (controller.current = new AbortController());
      setShare(0);
      return send(input, { signal, onProgress: setShare });
    },
    onSuccess,
  });
  const isCancelled = sending.error?.name === "AbortError";
  return {
    start: (input: Input) => sending.mutate(input),
    cancel: () => controller.current?.abort(),
    reset: sending.reset,
    isPending: sending.isPending,
    input: sending.isPending ? sending.variables : undefined,
    share,
    error: isCancelled ? null : sending.error,
  };
}
