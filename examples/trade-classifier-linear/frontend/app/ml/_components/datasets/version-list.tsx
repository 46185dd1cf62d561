"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import type { DatasetPublic, DatasetVersion } from "../../_api";
import { listDatasetVersionsInfiniteOptions } from "../../_api/@tanstack/react-query.gen";
import { cn } from "../../_lib/cn";
import { sizeOf, sources } from "../../_lib/datasets";
import { ago, dateTime } from "../../_lib/format";
import { nextPage } from "../../_lib/pages";
import { Failure } from "../failure";
import { MoreButton } from "../more-button";
import { Card, CardHeader } from "../ui/card";
import { Skeleton } from "../ui/skeleton";
import { DatasetStatus } from "./dataset-status";

type Props = { dataset: DatasetPublic; chosen: number; onChoose: (number: number) => void };

export function VersionList({ dataset, chosen, onChoose }: Props) {
  const list = useInfiniteQuery({
    ...listDatasetVersionsInfiniteOptions({ path: { dataset_id: dataset.id } }),
    ...nextPage,
  });
  const versions = list.data?.pages.flatMap((page) => page.items);
  if (list.error) return <Failure error={list.error} onRetry={list.refetch} />;
  return (
    <Card>
      <CardHeader title="Versions" />
      <ul className="grid max-h-64 gap-0.5 overflow-y-auto px-2 pb-2 lg:max-h-96">
        {!versions && <Skeleton className="mx-3 mb-3 h-16" />}
        {versions?.map((version) => (
          <li key={version.id}>
            <VersionItem
              version={version}
              isChosen={version.number === chosen}
              onChoose={() => onChoose(version.number)}
            />
          </li>
        ))}
      </ul>
      <MoreButton list={list} />
    </Card>
  );
}

type ItemProps = { version: DatasetVersion; isChosen: boolean; onChoose: () => void };

function VersionItem({ version, isChosen, onChoose }: ItemProps) {
  return (
    <button
      type="button"
      aria-current={isChosen ? "true" : undefined}
      onClick={onChoose}
      className={cn(
        "grid w-full cursor-pointer gap-1 rounded-md px-3 py-2.5 text-left text-sm outline-none hover:bg-accent focus-visible:ring-[3px] focus-visible:ring-ring/50 focus-visible:ring-inset",
        isChosen && "bg-accent",
      )}
    >
      <span className="flex items-center justify-between gap-2">
        <span className="font-medium">Version {version.number}</span>
        <DatasetStatus status={version.status} />
      </span>
      <span className="truncate text-muted-foreground" title={version.source_name}>
        {sources[version.source]}: {version.source_name}
      </span>
      <span className="text-xs text-muted-foreground">
        {sizeOf(version)} ·{" "}
        <time dateTime={version.created_at} title={dateTime(version.created_at)}>
          {ago(version.created_at)}
        </time>
      </span>
    </button>
  );
}
