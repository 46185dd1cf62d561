"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { HistoryIcon } from "lucide-react";
import Link from "next/link";
import { listPredictionsInfiniteOptions } from "../../_api/@tanstack/react-query.gen";
import { nextPage } from "../../_lib/pages";
import { paths } from "../../_lib/paths";
import type { Filter } from "../../_lib/predict-history";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { MoreButton } from "../more-button";
import { RowsSkeleton } from "../rows-skeleton";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { Table, TableHead } from "../ui/table";
import { PredictionRow } from "./prediction-row";

export function PredictionList({ filter: { model, source } }: { filter: Filter }) {
  const list = useInfiniteQuery({
    ...listPredictionsInfiniteOptions({ query: { model, source } }),
    ...nextPage,
  });
  const predictions = list.data?.pages.flatMap((page) => page.items);
  if (list.error) return <Failure error={list.error} onRetry={list.refetch} />;
  return (
    <Card>
      {!predictions && <RowsSkeleton rows={6} />}
      {predictions?.length === 0 && <NoPredictions isFiltered={Boolean(model ?? source)} />}
      {predictions && predictions.length > 0 && (
        <Table label="Predictions">
          <thead>
            <tr>
              <TableHead>Input</TableHead>
              <TableHead>Answer</TableHead>
              <TableHead className="text-right">Confidence</TableHead>
              <TableHead>Answered by</TableHead>
              <TableHead>Asked</TableHead>
              <TableHead className="relative">
                <span className="sr-only">Correction</span>
              </TableHead>
            </tr>
          </thead>
          <tbody>
            {predictions.map((prediction) => (
              <PredictionRow key={prediction.id} prediction={prediction} />
            ))}
          </tbody>
        </Table>
      )}
      <MoreButton list={list} />
    </Card>
  );
}

function NoPredictions({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return (
      <Empty icon={HistoryIcon} title="Nothing fits this filter">
        Choose another model, or whoever answered.
      </Empty>
    );
  return (
    <Empty
      icon={HistoryIcon}
      title="Nothing was asked yet"
      action={
        <Button asChild>
          <Link href={paths.predict}>Ask a model</Link>
        </Button>
      }
    >
      Each question to a model is kept here with its answer, to be looked up and corrected.
    </Empty>
  );
}
