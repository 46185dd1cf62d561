"use client";

import { isCut } from "../../_lib/datasets-preview";
import { count } from "../../_lib/format";
import { Dialog } from "../ui/dialog";
import type { Opened } from "./preview-cell";

export function PreviewText({ row, column, text, onClose }: Opened & { onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={column || "(no name)"}
      description={`Row ${count(row)}`}
    >
      <p
        tabIndex={0}
        className="max-h-[60dvh] overflow-y-auto rounded-md bg-muted p-3 text-sm break-words whitespace-pre-wrap outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50"
      >
        {text}
      </p>
      {isCut(text) && (
        <p className="mt-3 text-sm text-muted-foreground">
          A preview ends here. The whole text is in the export.
        </p>
      )}
    </Dialog>
  );
}
