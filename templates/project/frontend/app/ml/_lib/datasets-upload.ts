import { useEffect, useRef } from "react";
import { useRefreshDataset } from "./datasets";
import { isObject } from "./objects";
import { upload } from "./upload";
import { useUpload } from "./use-upload";

/** Sends a file as a new version of a data set. */
export function useVersionUpload(dataset: string, onAdded: (number: number) => void) {
  const refresh = useRefreshDataset(dataset);
  const path = `/ml/datasets/${dataset}/versions`;
  const { input: file, ...sending } = useUpload({
    send: async (file: File, options) => numberOf(await upload({ path, file, ...options })),
    onSuccess: async (number) => {
      await refresh();
      onAdded(number);
    },
  });
  const cancel = useRef(sending.cancel);
  useEffect(() => () => cancel.current(), []); // who leaves the page sends no more
  return { ...sending, file };
}

function numberOf(version: unknown): number {
  if (isObject(version) && "number" in version) return Number(version.number);
  throw new Error("The server took the file, but does not say as which version.");
}
