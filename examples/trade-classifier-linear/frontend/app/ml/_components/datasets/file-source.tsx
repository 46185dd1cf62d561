"use client";

import { useState } from "react";
import { FILE_TYPES, isReadable } from "../../_lib/datasets";
import { useVersionUpload } from "../../_lib/datasets-upload";
import { bytes, share as percent } from "../../_lib/format";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Progress } from "../ui/progress";
import type { SourceProps } from "./add-data";
import { DropZone } from "./drop-zone";
import { UploadFaults } from "./upload-faults";

export function FileSource({ dataset, onAdded }: SourceProps) {
  const [refusal, setRefusal] = useState("");
  const upload = useVersionUpload(dataset, onAdded);

  function choose(files: File[]) {
    const refusal = whyNot(files);
    setRefusal(refusal);
    if (files[0] && !refusal) upload.start(files[0]);
  }

  return (
    <div className="grid gap-4">
      {upload.file ? (
        <Sending file={upload.file} share={upload.share} onCancel={upload.cancel} />
      ) : (
        <DropZone onChoose={choose} />
      )}
      {refusal && <Alert variant="error">{refusal}</Alert>}
      {!refusal && upload.error && <UploadFaults error={upload.error} />}
    </div>
  );
}

function whyNot(files: File[]): string {
  if (files.length > 1) return "Choose one file: each becomes a version of its own.";
  const unread = files.find((file) => !isReadable(file.name));
  return unread ? `${unread.name}: its name has to end in ${FILE_TYPES.join(", ")}.` : "";
}

type SendingProps = { file: File; share: number; onCancel: () => void };

function Sending({ file, share, onCancel }: SendingProps) {
  const isSent = share >= 1;
  return (
    <div className="grid min-h-44 content-center gap-3 rounded-lg border px-5 py-6 sm:px-8">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{file.name}</p>
          <p aria-live="polite" className="text-sm text-muted-foreground">
            {isSent ? "All is sent. The server reads the rows." : `Sending ${bytes(file.size)}`}
          </p>
        </div>
        <span aria-hidden className="text-sm text-muted-foreground tabular-nums">
          {percent(Math.round(share * 100) / 100)}
        </span>
        <Button variant="outline" size="sm" onClick={onCancel}>
          Cancel
        </Button>
      </div>
      <Progress
        label={`Upload of ${file.name}`}
        value={share}
        className={isSent ? "animate-pulse" : undefined}
      />
    </div>
  );
}
