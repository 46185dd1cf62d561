"use client";

import { useState } from "react";
import { cn } from "../../_lib/cn";
import { Button } from "../ui/button";

const LONG = 240; // characters

/** What a check guessed, dropped or finds odd. */
export function CheckNotes({ notes }: { notes: string[] }) {
  if (!notes.length) return null;
  return (
    <div>
      <h3 className="text-sm font-medium">Notes</h3>
      <ul className="mt-1.5 grid list-disc gap-1 pl-5 text-sm text-muted-foreground marker:text-border">
        {notes.map((note) => (
          <li key={note}>
            <Note text={note} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A long one, which names many rows, is opened on demand. */
function Note({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <p className={cn("break-words", !isOpen && "line-clamp-3")}>{text}</p>
      {text.length > LONG && (
        <Button
          variant="link"
          className="h-6 px-0 text-xs"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Show less" : "Show all"}
        </Button>
      )}
    </>
  );
}
