"use client";

import { useState } from "react";
import { countsIn, type Counts } from "../../_lib/datasets-summary";
import { count, plural, title, value } from "../../_lib/format";
import { Button } from "../ui/button";

const SHOWN = 8;

/** What a check counted, whatever the task is: single values, and counts by name as bars. */
export function CheckSummary({ summary }: { summary: Record<string, unknown> }) {
  const { single, groups } = countsIn(summary);
  return (
    <>
      {single.length > 0 && (
        <dl className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-6 gap-y-3">
          {single.map(([name, found]) => (
            <div key={name} className="min-w-0">
              <dt className="text-xs text-muted-foreground">{title(name)}</dt>
              <dd className="font-medium break-words tabular-nums">{value(found)}</dd>
            </div>
          ))}
        </dl>
      )}
      {groups.map(([name, counts]) => (
        <Group key={name} name={name} counts={counts} />
      ))}
    </>
  );
}

function Group({ name, counts }: { name: string; counts: Counts }) {
  const [isOpen, setOpen] = useState(false);
  const most = Math.max(...counts.map(([, found]) => found));
  const shown = isOpen ? counts : counts.slice(0, SHOWN);
  return (
    <div>
      <h3 className="text-sm font-medium">
        {title(name)}{" "}
        <span className="font-normal text-muted-foreground">{count(counts.length)}</span>
      </h3>
      <ul className="mt-2 grid gap-x-8 gap-y-2 text-sm sm:grid-cols-2">
        {shown.map(([label, found]) => (
          <li key={label} className="min-w-0">
            <div className="flex justify-between gap-3">
              <span className="truncate" title={label}>
                {label}
              </span>
              <span className="text-muted-foreground tabular-nums">{value(found)}</span>
            </div>
            <div aria-hidden className="mt-1 h-1 rounded-full bg-secondary">
              <div
                className="h-full rounded-full bg-chart-1"
                style={{ width: `${(100 * found) / most}%` }}
              />
            </div>
          </li>
        ))}
      </ul>
      {counts.length > SHOWN && (
        <Button
          variant="link"
          size="sm"
          className="mt-2 px-0"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Show fewer" : `Show ${plural(counts.length - SHOWN, "more", "more")}`}
        </Button>
      )}
    </div>
  );
}
