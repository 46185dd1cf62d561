"use client";

import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import type { Version } from "../../_api";
import { getJobEventsQueryKey } from "../../_api/@tanstack/react-query.gen";
import { title } from "../../_lib/format";
import { curveNames, readCurves } from "../../_lib/models-curves";
import { MetricChart } from "../charts/metric-chart";
import { Card, CardHeader } from "../ui/card";
import { Select } from "../ui/select";

const COLORS = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5"];

/** How the runs went, in one picture; nothing where they said nothing as they went. */
export function CompareCurves({ versions }: { versions: Version[] }) {
  const [chosen, setChosen] = useState<string>();
  const runs = useQueries({
    queries: versions.map(({ job_id }) => ({
      queryKey: [...getJobEventsQueryKey({ path: { job_id } }), "curves"],
      queryFn: ({ signal }: { signal: AbortSignal }) => readCurves(job_id, signal),
      staleTime: Infinity, // its run is over
    })),
  });
  const names = curveNames(runs.flatMap((run) => run.data ?? []));
  const name = chosen !== undefined && names.includes(chosen) ? chosen : names[0];
  if (name === undefined) return null;
  const lines = versions.map(({ number }, index) => ({
    name: `Version ${number}`,
    color: colorOf(index),
    points: runs[index]?.data?.get(name) ?? [],
  }));
  return (
    <Card>
      <CardHeader
        title="Curves"
        description="How each training went."
        actions={
          <Select
            aria-label="Curve"
            className="w-48"
            value={name}
            onChange={(event) => setChosen(event.target.value)}
          >
            {names.map((other) => (
              <option key={other} value={other}>
                {title(other)}
              </option>
            ))}
          </Select>
        }
      />
      <MetricChart title={`${title(name)} by step`} height={280} lines={lines} />
    </Card>
  );
}

/** Five of the theme, then the same ones darker. */
function colorOf(index: number): string {
  const color = `var(${COLORS[index % COLORS.length]})`;
  return index < COLORS.length ? color : `color-mix(in oklab, ${color} 55%, var(--foreground))`;
}
