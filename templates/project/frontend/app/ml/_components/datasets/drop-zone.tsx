"use client";

import { FileUpIcon } from "lucide-react";
import { type ChangeEvent, type DragEvent, useRef, useState } from "react";
import { cn } from "../../_lib/cn";
import { FILE_TYPES } from "../../_lib/datasets";
import { Button } from "../ui/button";

export function DropZone({ onChoose }: { onChoose: (files: File[]) => void }) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    onChoose([...event.dataTransfer.files]);
  }

  function change({ currentTarget }: ChangeEvent<HTMLInputElement>) {
    onChoose([...(currentTarget.files ?? [])]);
    currentTarget.value = ""; // the same file, mended, can be chosen again
  }

  return (
    <div
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      className={cn(
        "grid min-h-44 content-center justify-items-center gap-1 rounded-lg border border-dashed border-input px-5 py-8 text-center transition-colors",
        isOver && "border-primary bg-accent",
      )}
    >
      <FileUpIcon aria-hidden className="mb-1 size-6 text-primary" />
      <p className="font-medium">{isOver ? "Let go to upload it" : "Drop a file here"}</p>
      <p className="text-sm text-muted-foreground">CSV, TSV, JSON, JSONL or Parquet, in UTF-8.</p>
      <Button variant="outline" className="mt-3" onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="File with the data"
        accept={FILE_TYPES.join(",")}
        onChange={change}
      />
    </div>
  );
}
