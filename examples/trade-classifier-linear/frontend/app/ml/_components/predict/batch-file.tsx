"use client";

import { FileSpreadsheetIcon } from "lucide-react";
import { bytes } from "../../_lib/format";
import { Field } from "../ui/field";
import { FileDrop } from "../ui/file-drop";

type Props = {
  file: File | undefined;
  error: string;
  onChoose: (file: File | undefined) => void;
};

export function BatchFile({ file, error, onChoose }: Props) {
  return (
    <Field
      label="File"
      hint="CSV in UTF-8, with the names of the columns in its first line; comma, semicolon or tab between them."
      error={error}
    >
      {(control) => (
        <FileDrop
          control={control}
          accept=".csv,.tsv,.txt,text/csv"
          onChoose={onChoose}
          className="flex min-h-20 items-center justify-center gap-3"
        >
          <FileSpreadsheetIcon aria-hidden className="size-5 shrink-0 text-primary" />
          {file ? (
            <span className="min-w-0">
              <span className="font-medium break-all">{file.name}</span>{" "}
              <span className="text-muted-foreground">
                {bytes(file.size)}. Choose or drop another one.
              </span>
            </span>
          ) : (
            "Choose a file, or drop one here"
          )}
        </FileDrop>
      )}
    </Field>
  );
}
