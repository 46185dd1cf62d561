"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2Icon } from "lucide-react";
import { useRouter } from "next/navigation";
import type { DatasetPublic } from "../../_api";
import {
  deleteDatasetMutation,
  listDatasetsQueryKey,
  listJobsQueryKey,
} from "../../_api/@tanstack/react-query.gen";
import { plural } from "../../_lib/format";
import { paths } from "../../_lib/paths";
import { Confirm } from "../confirm";
import { Button } from "../ui/button";

export function DeleteDataset({ dataset }: { dataset: DatasetPublic }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...deleteDatasetMutation(),
    meta: { showsErrors: true },
    onSuccess: async () => {
      router.replace(paths.datasets);
      const keys = [listDatasetsQueryKey(), listJobsQueryKey()];
      await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
  });

  return (
    <Confirm
      trigger={
        <Button variant="outline" size="icon" aria-label="Delete" title="Delete">
          <Trash2Icon />
        </Button>
      }
      title="Delete the data set?"
      description={
        <span className="wrap-anywhere">
          <span className="font-medium text-foreground">{dataset.name}</span> cannot be brought
          back. {whatGoes(dataset)}
        </span>
      }
      action="Delete"
      mutation={remove}
      onConfirm={() => remove.mutateAsync({ path: { dataset_id: dataset.id } })}
      isDestructive
    />
  );
}

function whatGoes({ newest_version }: DatasetPublic): string {
  if (!newest_version) return "Nothing has been added to it yet.";
  const versions =
    newest_version === 1 ? "Its version" : `Its ${plural(newest_version, "version")}`;
  const own = newest_version === 1 ? "its file" : "their files";
  return `${versions}, ${own} and the jobs that used them go with it. Models that learned from it stay.`;
}
