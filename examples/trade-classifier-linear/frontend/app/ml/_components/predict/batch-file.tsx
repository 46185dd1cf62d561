"use client";

import { FileSpreadsheetIcon } from "lucide-react";
import { type DragEvent, useState } from "react";
import { cn } from "../../_lib/cn";
import { bytes } from "../../_lib/format";
import { Field } from "../ui/field";

type Props = {
  file: File | undefined;
  error: string;
  onChoose: (file: File | undefined) => void;
};

export function BatchFile({ file, error, onChoose }: Props) {
  const [isOver, setOver] = useState(false);

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    onChoose(event.dataTransfer.files[0]);
  }

  return (
    <Field
      label="File"
      hint="CSV in UTF-8, with the names of the columns in its first line; comma, semicolon or tab between them."
      error={error}
    >
      {(control) => (
        <div
          className="relative"
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <input
            {...control}
            type="file"
            accept=".csv,.tsv,.txt,text/csv"
            onChange={(event) => {
              onChoose(event.target.files?.[0]);
              event.target.value = ""; // the same file, mended, can be chosen again
            }}
            className="peer sr-only"
          />
          <label
            htmlFor={control.id}
            className={cn(
              "flex min-h-20 cursor-pointer items-center justify-center gap-3 rounded-lg border border-dashed border-input bg-card px-4 py-3 text-sm transition-colors peer-focus-visible:border-ring peer-focus-visible:ring-[3px] peer-focus-visible:ring-ring/40 peer-aria-invalid:border-destructive hover:bg-accent/50",
              isOver && "border-primary bg-accent",
            )}
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
          </label>
        </div>
      )}
    </Field>
  );
}
