import type { JobPublic } from "../_api";
import { Badge, type BadgeVariant } from "./ui/badge";

const looks: Record<JobPublic["status"], { title: string; variant: BadgeVariant }> = {
  queued: { title: "Queued", variant: "neutral" },
  running: { title: "Running", variant: "info" },
  succeeded: { title: "Succeeded", variant: "good" },
  stopped: { title: "Stopped", variant: "warning" },
  failed: { title: "Failed", variant: "bad" },
  cancelled: { title: "Cancelled", variant: "neutral" },
};

export function JobStatus({ job }: { job: Pick<JobPublic, "status" | "is_cancelling"> }) {
  if (job.is_cancelling) return <Badge variant="warning">Cancelling</Badge>;
  const { title, variant } = looks[job.status];
  return (
    <Badge variant={variant}>
      {job.status === "running" && (
        <span aria-hidden className="size-1.5 animate-pulse rounded-full bg-current" />
      )}
      {title}
    </Badge>
  );
}
