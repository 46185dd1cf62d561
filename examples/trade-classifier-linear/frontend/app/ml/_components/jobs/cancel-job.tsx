import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { JobPublic } from "../../_api";
import { cancelJobMutation, getJobQueryKey } from "../../_api/@tanstack/react-query.gen";
import { Confirm } from "../confirm";
import { Button } from "../ui/button";

const consequences: Record<JobPublic["kind"], string> = {
  train: "It ends as soon as its checkpoint is saved, and you can resume it from there.",
  check: "The version of the data stays as it is.",
  estimate: "There will be no estimate.",
  deploy: "The version that is in production now stays there.",
  batch: "There will be no file of answers.",
};

export function CancelJob({ job }: { job: JobPublic }) {
  const queryClient = useQueryClient();
  const path = { job_id: job.id };
  const cancel = useMutation({
    ...cancelJobMutation(),
    meta: { showsErrors: true },
    onSuccess: (changed) => {
      queryClient.setQueryData(getJobQueryKey({ path }), changed);
    },
  });

  return (
    <Confirm
      trigger={<Button variant="destructive">Cancel job</Button>}
      title="Cancel this job?"
      description={consequences[job.kind]}
      action="Cancel job"
      refusal="Keep it going"
      mutation={cancel}
      onConfirm={() => cancel.mutateAsync({ path })}
      isDestructive
    />
  );
}
