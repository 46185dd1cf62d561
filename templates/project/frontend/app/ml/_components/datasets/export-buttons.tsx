"use client";

import { DownloadIcon } from "lucide-react";
import type { DatasetVersion } from "../../_api";
import { type Format, useExport } from "../../_lib/datasets-export";
import { Button } from "../ui/button";

const formats: { format: Format; title: string }[] = [
  { format: "csv", title: "CSV" },
  { format: "jsonl", title: "JSONL" },
];

export function ExportButtons({ version }: { version: DatasetVersion }) {
  const save = useExport(version);
  return formats.map(({ format, title }) => (
    <Button
      key={format}
      variant="outline"
      size="sm"
      pending={save.isPending && save.variables === format}
      aria-label={`Export version ${version.number} as ${title}`}
      onClick={() => save.mutate(format)}
    >
      {!(save.isPending && save.variables === format) && <DownloadIcon />} {title}
    </Button>
  ));
}
