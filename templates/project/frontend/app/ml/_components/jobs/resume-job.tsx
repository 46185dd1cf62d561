import { useMutation, useQueryClient } from "@tanstack/react-query";
import { PlayIcon } from "lucide-react";
import type { JobPublic } from "../../_api";
import { getJobQueryKey, resumeJobMutation } from "../../_api/@tanstack/react-query.gen";
import { Button } from "../ui/button";

export function ResumeJob({ job }: { job: JobPublic }) {
  const queryClient = useQueryClient();
  const resume = useMutation({
    ...resumeJobMutation(),
    onSuccess: (changed) =>
      queryClient.setQueryData(getJobQueryKey({ path: { job_id: job.id } }), changed),
  });
  return (
    <Button
      variant="outline"
      pending={resume.isPending}
      onClick={() => resume.mutate({ path: { job_id: job.id } })}
    >
      <PlayIcon /> Resume
    </Button>
  );
}
