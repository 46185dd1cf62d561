import Link from "next/link";
import type { JobPublic } from "../../_api";
import { ago, duration, usd } from "../../_lib/format";
import { isOver, kinds, outcomeOf, secondsOf, shareOf } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { progressOf } from "../../_lib/run";
import { JobStatus } from "../job-status";
import { Progress } from "../ui/progress";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";
import { useNow } from "./use-now";

export function JobTable({ jobs }: { jobs: JobPublic[] }) {
  const now = useNow(jobs.some((job) => !isOver(job)));
  return (
    <Table label="Jobs">
      <thead>
        <tr>
          <TableHead>Job</TableHead>
          <TableHead>Status</TableHead>
          <TableHead>Progress</TableHead>
          <TableHead className="text-right">Cost</TableHead>
          <TableHead className="text-right">Duration</TableHead>
          <TableHead>Started</TableHead>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} now={now} />
        ))}
      </tbody>
    </Table>
  );
}

function JobRow({ job, now }: { job: JobPublic; now: number }) {
  const seconds = secondsOf(job, now);
  return (
    <TableRow>
      <TableCell className="whitespace-nowrap">
        <Link className="font-medium hover:underline" href={paths.job(job.id)}>
          {kinds[job.kind]}
          {job.model && <span className="font-normal text-muted-foreground"> of {job.model}</span>}
        </Link>
      </TableCell>
      <TableCell>
        <JobStatus job={job} />
      </TableCell>
      <TableCell className="w-56 max-w-56 min-w-36">
        <Outcome job={job} />
      </TableCell>
      <TableCell className="text-right tabular-nums">{usd(job.cost_usd)}</TableCell>
      <TableCell className="text-right whitespace-nowrap tabular-nums">
        {seconds === undefined ? "–" : duration(seconds)}
      </TableCell>
      <TableCell className="whitespace-nowrap text-muted-foreground">
        {job.started_at ? ago(job.started_at, now) : "–"}
      </TableCell>
    </TableRow>
  );
}

function Outcome({ job }: { job: JobPublic }) {
  const done = job.status === "running" ? shareOf(progressOf(job.progress)) : undefined;
  const words = outcomeOf(job);
  return (
    <div className="flex items-center gap-3">
      {done !== undefined && <Progress label="Progress" value={done} className="w-24 shrink-0" />}
      <span className="truncate text-muted-foreground tabular-nums" title={words}>
        {words}
      </span>
    </div>
  );
}
