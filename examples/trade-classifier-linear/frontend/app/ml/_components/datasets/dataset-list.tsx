"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { DatabaseIcon, PlusIcon } from "lucide-react";
import Link from "next/link";
import { listDatasetsInfiniteOptions } from "../../_api/@tanstack/react-query.gen";
import { ago, count } from "../../_lib/format";
import { nextPage } from "../../_lib/pages";
import { paths } from "../../_lib/paths";
import { Empty } from "../empty";
import { Failure } from "../failure";
import { MoreButton } from "../more-button";
import { PageHeader } from "../page-header";
import { RowsSkeleton } from "../rows-skeleton";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";
import { DatasetStatus } from "./dataset-status";
import { NewDataset } from "./new-dataset";

export function DatasetList() {
  const list = useInfiniteQuery({ ...listDatasetsInfiniteOptions(), ...nextPage });
  const datasets = list.data?.pages.flatMap((page) => page.items);
  const create = (
    <NewDataset
      trigger={
        <Button>
          <PlusIcon /> New data set
        </Button>
      }
    />
  );

  return (
    <>
      <PageHeader
        title="Data sets"
        description="What models learn from. Every change is a version of its own, so that a training can always be repeated."
        actions={create}
      />
      {list.error && <Failure error={list.error} onRetry={list.refetch} />}
      {!list.error && (
        <Card>
          {!datasets && <RowsSkeleton />}
          {datasets?.length === 0 && (
            <Empty icon={DatabaseIcon} title="No data sets yet" action={create}>
              Upload a CSV, JSON or Parquet file: a row for each example, with a column that says
              what the model shall learn.
            </Empty>
          )}
          {datasets && datasets.length > 0 && (
            <Table label="Data sets">
              <thead>
                <tr>
                  <TableHead>Name</TableHead>
                  <TableHead>Status</TableHead>
                  <TableHead className="text-right">Rows</TableHead>
                  <TableHead className="text-right">Version</TableHead>
                  <TableHead>Created</TableHead>
                </tr>
              </thead>
              <tbody>
                {datasets.map((dataset) => (
                  <TableRow key={dataset.id}>
                    <TableCell className="min-w-40 font-medium wrap-anywhere">
                      <Link className="hover:underline" href={paths.dataset(dataset.id)}>
                        {dataset.name}
                      </Link>
                    </TableCell>
                    <TableCell>
                      <DatasetStatus status={dataset.status} />
                    </TableCell>
                    <TableCell className="text-right tabular-nums">
                      {dataset.row_count === null ? "–" : count(dataset.row_count)}
                    </TableCell>
                    <TableCell className="text-right tabular-nums">
                      {dataset.newest_version ?? "–"}
                    </TableCell>
                    <TableCell className="whitespace-nowrap text-muted-foreground">
                      {ago(dataset.created_at)}
                    </TableCell>
                  </TableRow>
                ))}
              </tbody>
            </Table>
          )}
          <MoreButton list={list} />
        </Card>
      )}
    </>
  );
}
