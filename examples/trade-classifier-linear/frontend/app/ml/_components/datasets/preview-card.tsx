"use client";

import { FileQuestionIcon } from "lucide-react";
import type { DatasetVersionDetail } from "../../_api";
import { sizeOf } from "../../_lib/datasets";
import type { Columns } from "../../_lib/datasets-mapping";
import { count, plural } from "../../_lib/format";
import { Empty } from "../empty";
import { Card, CardHeader } from "../ui/card";
import { ExportButtons } from "./export-buttons";
import { PreviewTable } from "./preview-table";

type Props = { version: DatasetVersionDetail; columns: Columns };

export function PreviewCard({ version, columns }: Props) {
  const { preview } = version;
  if (!preview) {
    return (
      <Card>
        <Empty icon={FileQuestionIcon} title="The rows are on Hugging Face">
          Only the name {version.source_name} is kept here. The check and the training read the
          rows.
        </Empty>
      </Card>
    );
  }
  const shown =
    preview.rows.length === version.row_count
      ? "All rows"
      : `First ${count(preview.rows.length)} rows`;
  return (
    <Card className="min-w-0">
      <CardHeader
        title="Preview"
        description={`${shown} of ${version.source_name} · ${sizeOf(version)} · ${plural(preview.columns.length, "column")}`}
        actions={<ExportButtons version={version} />}
      />
      <div className="border-t">
        <PreviewTable preview={preview} problems={version.problems} columns={columns} />
      </div>
    </Card>
  );
}
