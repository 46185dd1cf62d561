"use client";

import { type ChangeEvent, type DragEvent, type ReactNode, useState } from "react";
import { cn } from "../../_lib/cn";

type Props = {
  /** What a Field gives its control. */
  control: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean };
  accept: string;
  onChoose: (file: File | undefined) => void;
  className?: string;
  children: ReactNode;
};

/** Takes one file, chosen or dropped. */
export function FileDrop({ control, accept, onChoose, className, children }: Props) {
  const [isOver, setOver] = useState(false);

  function change({ target }: ChangeEvent<HTMLInputElement>) {
    onChoose(target.files?.[0]);
    target.value = ""; // the same file, mended, can be chosen again
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    onChoose(event.dataTransfer.files[0]);
  }

  return (
    <div
      className="relative"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input {...control} type="file" accept={accept} onChange={change} className="peer sr-only" />
      <label
        htmlFor={control.id}
        className={cn(
          "cursor-pointer rounded-lg border border-dashed border-input bg-card p-4 text-sm transition-colors peer-focus-visible:border-ring peer-focus-visible:ring-[3px] peer-focus-visible:ring-ring/40 peer-aria-invalid:border-destructive hover:bg-accent/50",
          isOver && "border-primary bg-accent",
          className,
        )}
      >
        {children}
      </label>
    </div>
  );
}
