import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useRefreshDataset } from "./datasets";
import { upload } from "./upload";

/** Sends a file as a new version of a data set, and says how far it is. */
export function useUpload(dataset: string, onAdded: (number: number) => void) {
  const [share, setShare] = useState(0);
  const controller = useRef<AbortController>(null);
  const refresh = useRefreshDataset(dataset);
  useEffect(() => () => controller.current?.abort(), []); // who leaves the page sends no more
  const sending = useMutation({
    meta: { showsErrors: true },
    mutationFn: async (file: File) => {
      const { signal } = (controller.current = new AbortController());
      setShare(0);
      const path = `/ml/datasets/${dataset}/versions`;
      return numberOf(await upload({ path, file, onProgress: setShare, signal }));
    },
    onSuccess: async (number) => {
      await refresh();
      onAdded(number);
    },
  });
  const isCancelled = sending.error?.name === "AbortError";
  return {
    start: (file: File) => sending.mutate(file),
    cancel: () => controller.current?.abort(),
    file: sending.isPending ? sending.variables : undefined,
    share,
    error: isCancelled ? null : sending.error,
  };
}

function numberOf(version: unknown): number {
  if (typeof version === "object" && version && "number" in version) return Number(version.number);
  throw new Error("The server took the file, but does not say as which version.");
}
