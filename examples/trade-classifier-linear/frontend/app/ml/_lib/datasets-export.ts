import { useMutation } from "@tanstack/react-query";
import { type DatasetVersion, exportDatasetVersion } from "../_api";

export type Format = "csv" | "jsonl";

const KEPT = 60_000; // ms; a browser that asks where to save takes its time

/** Fetches all rows with the token, which a plain link would not carry, and saves them as a file. */
export function useExport(version: DatasetVersion) {
  return useMutation({
    mutationFn: async (format: Format) => {
      const { data, response } = await exportDatasetVersion({
        path: { dataset_id: version.dataset_id, number: version.number },
        query: { format },
        parseAs: "blob",
        throwOnError: true,
      });
      const name = fileName(response.headers.get("Content-Disposition"));
      if (data instanceof Blob) save(data, name ?? `version-${version.number}.${format}`);
    },
  });
}

/** As in `attachment; filename*=UTF-8''notes-v1.csv`. */
export function fileName(disposition: string | null): string | null {
  const found = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? "")?.[1];
  return found ? decodeURIComponent(found) : null;
}

function save(content: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
