import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { JobPublic } from "../../_api";
import { cancelJobMutation, getJobQueryKey } from "../../_api/@tanstack/react-query.gen";
import { sentenceOf } from "../../_lib/problems";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";

const consequences: Record<JobPublic["kind"], string> = {
  train: "It ends as soon as its checkpoint is saved, and you can resume it from there.",
  check: "The version of the data stays as it is.",
  deploy: "The version that is in production now stays there.",
  batch: "There will be no file of answers.",
};

export function CancelJob({ job }: { job: JobPublic }) {
  const [isOpen, setOpen] = useState(false);
  const queryClient = useQueryClient();
  const cancel = useMutation({
    ...cancelJobMutation(),
    meta: { showsErrors: true },
    onSuccess: (changed) => {
      queryClient.setQueryData(getJobQueryKey({ path: { job_id: job.id } }), changed);
      setOpen(false);
    },
  });

  return (
    <Dialog
      open={isOpen}
      onOpenChange={(open) => {
        setOpen(open);
        cancel.reset();
      }}
      trigger={<Button variant="destructive">Cancel job</Button>}
      title="Cancel this job?"
      description={consequences[job.kind]}
    >
      {cancel.error && (
        <Alert variant="error" className="mb-4">
          {sentenceOf(cancel.error)}
        </Alert>
      )}
      <div className="flex justify-end gap-2">
        <Button variant="ghost" onClick={() => setOpen(false)}>
          Keep it going
        </Button>
        <Button
          variant="destructive"
          pending={cancel.isPending}
          onClick={() => cancel.mutate({ path: { job_id: job.id } })}
        >
          Cancel job
        </Button>
      </div>
    </Dialog>
  );
}
