"use client";

import { PlusIcon } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { DatasetPublic } from "../../_api";
import { useChosenVersion } from "../../_lib/datasets";
import { ago, plural } from "../../_lib/format";
import { paths } from "../../_lib/paths";
import { PageHeader } from "../page-header";
import { Button } from "../ui/button";
import { Skeleton } from "../ui/skeleton";
import { DatasetStatus } from "./dataset-status";
import { DeleteDataset } from "./delete-dataset";
import { RenameDataset } from "./rename-dataset";
import { TrainButton } from "./train-button";
import { VersionView } from "./version-view";

const AddData = dynamic(() => import("./add-data").then((module) => module.AddData), {
  loading: () => <Skeleton className="h-80 rounded-xl" />,
});

export function Dataset({ dataset }: { dataset: DatasetPublic }) {
  const [isAdding, setAdding] = useState(false);
  const { number, choose } = useChosenVersion(dataset);
  const isEmpty = dataset.newest_version === null;

  function show(number: number) {
    setAdding(false);
    choose(number);
  }

  return (
    <>
      <PageHeader
        title={
          <>
            <span className="min-w-0 break-words">{dataset.name}</span>
            <DatasetStatus status={dataset.status} />
          </>
        }
        description={describe(dataset)}
        back={{ href: paths.datasets, title: "Data sets" }}
        actions={
          <>
            <RenameDataset dataset={dataset} />
            <DeleteDataset dataset={dataset} />
            {!isEmpty && (
              <Button
                variant="outline"
                aria-expanded={isAdding}
                onClick={() => setAdding(!isAdding)}
              >
                <PlusIcon /> Add data
              </Button>
            )}
            {number !== null && <TrainButton dataset={dataset.id} number={number} />}
          </>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {(isEmpty || isAdding) && (
          <AddData
            dataset={dataset}
            onAdded={show}
            onClose={isEmpty ? undefined : () => setAdding(false)}
          />
        )}
        {number !== null && (
          <VersionView key={number} dataset={dataset} number={number} onChoose={choose} />
        )}
      </div>
    </>
  );
}

function describe({ newest_version, row_count, created_at }: DatasetPublic): string {
  if (newest_version === null) return `Created ${ago(created_at)}.`;
  const versions = plural(newest_version, "version");
  return row_count === null ? versions : `${versions} · ${plural(row_count, "row")} in the newest`;
}
