"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import {
  createDatasetMutation,
  listDatasetsInfiniteQueryKey,
} from "../../_api/@tanstack/react-query.gen";
import { paths } from "../../_lib/paths";
import { Dialog } from "../ui/dialog";
import { NameForm } from "./name-form";

export function NewDataset({ trigger }: { trigger: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const router = useRouter();
  const queryClient = useQueryClient();
  const create = useMutation({
    ...createDatasetMutation(),
    meta: { showsErrors: true },
    onSuccess: async (dataset) => {
      await queryClient.invalidateQueries({ queryKey: listDatasetsInfiniteQueryKey() });
      router.push(paths.dataset(dataset.id));
    },
  });

  return (
    <Dialog
      open={isOpen}
      onOpenChange={setOpen}
      trigger={trigger}
      title="New data set"
      description="A name for what belongs together; the data comes next."
    >
      <NameForm
        submitTitle="Create"
        saving={create}
        onSubmit={(name) => create.mutate({ body: { name } })}
        onCancel={() => setOpen(false)}
      />
    </Dialog>
  );
}
