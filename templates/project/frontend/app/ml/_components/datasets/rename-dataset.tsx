"use client";

import { useMutation } from "@tanstack/react-query";
import { PencilIcon } from "lucide-react";
import { useState } from "react";
import type { DatasetPublic } from "../../_api";
import { renameDatasetMutation } from "../../_api/@tanstack/react-query.gen";
import { useRefreshDataset } from "../../_lib/datasets";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { NameForm } from "./name-form";

export function RenameDataset({ dataset }: { dataset: DatasetPublic }) {
  const [isOpen, setOpen] = useState(false);
  const refresh = useRefreshDataset(dataset.id);
  const rename = useMutation({
    ...renameDatasetMutation(),
    meta: { showsErrors: true },
    onSuccess: async () => {
      await refresh();
      setOpen(false);
    },
  });

  return (
    <Dialog
      open={isOpen}
      onOpenChange={(isOpen) => {
        setOpen(isOpen);
        rename.reset();
      }}
      title="Rename the data set"
      description="Its versions, jobs and models stay as they are."
      trigger={
        <Button variant="outline" size="icon" aria-label="Rename" title="Rename">
          <PencilIcon />
        </Button>
      }
    >
      <NameForm
        name={dataset.name}
        submitTitle="Rename"
        saving={rename}
        onSubmit={(name) => rename.mutate({ path: { dataset_id: dataset.id }, body: { name } })}
        onCancel={() => setOpen(false)}
      />
    </Dialog>
  );
}
