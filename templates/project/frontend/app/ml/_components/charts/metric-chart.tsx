"use client";

import dynamic from "next/dynamic";
import { useId } from "react";
import { value } from "../../_lib/format";
import type { Point } from "../../_lib/run";
import { Skeleton } from "../ui/skeleton";
import { brief } from "./brief";

export type Line = { name: string; color: string; points: readonly Point[] };
export type Reference = { name: string; value: number };

type Props = {
  title: string;
  height: number;
  lines: Line[];
  /** How far the run is: charts of one run share their axis. */
  steps?: number;
  reference?: Reference;
};

const Plot = dynamic(() => import("./plot"), {
  ssr: false,
  loading: () => <Skeleton className="size-full" />,
});

/** Curves over the steps of a run; what they came to stands above them in words. */
export function MetricChart({ title, height, lines, steps = 0, reference }: Props) {
  const id = useId();
  const drawn = lines.filter((line) => line.points.length > 0);
  return (
    <figure aria-labelledby={id} className="px-5 pt-4 pb-3">
      <figcaption className="mb-3 flex flex-wrap items-baseline gap-x-5 gap-y-1">
        <h2 id={id} className="mr-auto font-semibold">
          {title}
        </h2>
        {drawn.map((line) => (
          <Newest key={line.name} line={line} />
        ))}
        {reference && (
          <span className="inline-flex items-center gap-1.5 text-xs text-muted-foreground">
            <span aria-hidden className="w-4 border-t-2 border-dashed border-muted-foreground" />
            {reference.name} <b className="font-medium">{brief(reference.value)}</b>
          </span>
        )}
      </figcaption>
      <div style={{ height }}>
        <Plot lines={drawn} steps={steps} reference={reference} />
      </div>
    </figure>
  );
}

function Newest({ line }: { line: Line }) {
  const newest = line.points.at(-1);
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-muted-foreground tabular-nums">
      <span aria-hidden className="h-0.5 w-4 rounded-full" style={{ background: line.color }} />
      {line.name} <b className="font-medium text-foreground">{newest && brief(newest.value)}</b>
      {newest && <span className="sr-only"> at step {value(newest.step)}</span>}
    </span>
  );
}
