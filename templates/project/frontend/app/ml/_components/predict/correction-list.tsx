"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { PencilLineIcon } from "lucide-react";
import { listCorrectionsInfiniteOptions } from "../../_api/@tanstack/react-query.gen";
import { nextPage } from "../../_lib/pages";
import type { Filter } from "../../_lib/predict-history";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { MoreButton } from "../more-button";
import { RowsSkeleton } from "../rows-skeleton";
import { Card } from "../ui/card";
import { Table, TableHead } from "../ui/table";
import { CorrectionRow } from "./correction-row";
import { CorrectionsPlace } from "./corrections-place";

export function CorrectionList({ filter: { model, isUsed } }: { filter: Filter }) {
  const list = useInfiniteQuery({
    ...listCorrectionsInfiniteOptions({ query: { model, is_used: isUsed } }),
    ...nextPage,
  });
  const corrections = list.data?.pages.flatMap((page) => page.items);
  const isFiltered = Boolean(model) || isUsed !== null;
  if (list.error) return <Failure error={list.error} onRetry={list.refetch} />;
  return (
    <>
      <Card>
        {!corrections && <RowsSkeleton rows={6} />}
        {corrections?.length === 0 && (
          <Empty
            icon={PencilLineIcon}
            title={isFiltered ? "Nothing fits this filter" : "No corrections yet"}
          >
            {isFiltered
              ? "Choose another model, or another use."
              : "Where a model was wrong, say so beside its answer: the next training learns from it."}
          </Empty>
        )}
        {corrections && corrections.length > 0 && (
          <Table label="Corrections">
            <thead>
              <tr>
                <TableHead>Input</TableHead>
                <TableHead>Answer</TableHead>
                <TableHead>Corrected to</TableHead>
                <TableHead>Model</TableHead>
                <TableHead>Use</TableHead>
                <TableHead>Corrected</TableHead>
                <TableHead className="relative">
                  <span className="sr-only">Change</span>
                </TableHead>
              </tr>
            </thead>
            <tbody>
              {corrections.map((correction) => (
                <CorrectionRow key={correction.id} correction={correction} />
              ))}
            </tbody>
          </Table>
        )}
        <MoreButton list={list} />
      </Card>
      {corrections && corrections.length > 0 && (
        <p className="mt-3 text-xs/relaxed text-muted-foreground">
          A correction that waits is in no data set yet. <CorrectionsPlace />
        </p>
      )}
    </>
  );
}
