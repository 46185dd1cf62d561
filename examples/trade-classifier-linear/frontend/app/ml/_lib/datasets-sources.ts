import { useMutation } from "@tanstack/react-query";
import type { CreateDatasetVersionData } from "../_api";
import { createDatasetVersionMutation } from "../_api/@tanstack/react-query.gen";
import { useRefreshDataset } from "./datasets";

export type Source = CreateDatasetVersionData["body"];

/** Adds a version that the server fetches by itself. */
export function useAddVersion(dataset: string, onAdded: (number: number) => void) {
  const refresh = useRefreshDataset(dataset);
  const add = useMutation({
    ...createDatasetVersionMutation(),
    meta: { showsErrors: true },
    onSuccess: () => refresh(),
  });
  return {
    start: (body: Source) =>
      add.mutate(
        { path: { dataset_id: dataset }, body },
        { onSuccess: ({ number }) => onAdded(number) }, // not for who has left the page meanwhile
      ),
    isPending: add.isPending,
    error: add.error,
  };
}

/** "a, b" -> ["a", "b"] */
export function namesIn(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
