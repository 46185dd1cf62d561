"use client";

import { PlusIcon } from "lucide-react";
import { useState } from "react";
import { plural } from "../../_lib/format";
import { pointsOf } from "../../_lib/inputs-points";
import type { Cells } from "../../_lib/inputs-read";
import type { Property } from "../../_lib/inputs-schema";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Textarea } from "../ui/input";

type Props = {
  columns: Property[];
  points: Cells[];
  fault?: string;
  onChange: (points: Cells[]) => void;
};

/** How points come in: many at once from the clipboard, or one by one. */
export function PastePoints({ columns, points, fault, onChange }: Props) {
  const [text, setText] = useState("");
  const [notice, setNotice] = useState("");

  function add(text: string) {
    const added = pointsOf(text, columns);
    onChange([...points, ...added]);
    setNotice(
      added.length ? `${plural(added.length, "point")} added.` : "There was no point in it.",
    );
    setText("");
  }

  return (
    <div className="grid gap-2">
      <Field
        label={points.length ? "Paste more points" : "Paste points"}
        hint={`From a spreadsheet or a CSV file: ${columns.map(titleOf).join(", ")}.`}
        error={fault}
      >
        {(control) => (
          <Textarea
            {...control}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onPaste={(event) => {
              event.preventDefault();
              add(event.clipboardData.getData("text/plain"));
            }}
            spellCheck={false}
            className="max-h-40 min-h-16 font-mono md:text-xs/relaxed"
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-2">
        {text.trim() && (
          <Button size="sm" variant="secondary" onClick={() => add(text)}>
            Add these points
          </Button>
        )}
        <Button size="sm" variant="outline" onClick={() => onChange([...points, {}])}>
          <PlusIcon /> Add a point
        </Button>
        {points.length > 0 && (
          <Button size="sm" variant="ghost" onClick={() => onChange([])}>
            Remove all
          </Button>
        )}
        <span aria-live="polite" className="text-xs text-muted-foreground">
          {notice}
        </span>
      </div>
    </div>
  );
}

const titleOf = (column: Property) => column.title.toLowerCase();
