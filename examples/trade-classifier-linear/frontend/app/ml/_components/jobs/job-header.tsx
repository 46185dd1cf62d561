import Link from "next/link";
import type { JobPublic } from "../../_api";
import { ago, dateTime } from "../../_lib/format";
import { canResume, isOver, kinds } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { JobStatus } from "../job-status";
import { PageHeader } from "../page-header";
import { CancelJob } from "./cancel-job";
import { ResumeJob } from "./resume-job";

export function JobHeader({ job }: { job: JobPublic }) {
  return (
    <PageHeader
      back={{ href: paths.jobs, title: "Jobs" }}
      title={
        <>
          <span>
            {kinds[job.kind]}
            {job.model && <ModelLink name={job.model} />}
          </span>
          <span aria-live="polite" className="inline-flex tracking-normal">
            <JobStatus job={job} />
          </span>
        </>
      }
      description={
        <>
          Recipe {job.recipe}, on {job.provider}. Created{" "}
          <time dateTime={job.created_at} title={dateTime(job.created_at)}>
            {ago(job.created_at)}
          </time>
          .
        </>
      }
      actions={
        <>
          {!isOver(job) && !job.is_cancelling && <CancelJob job={job} />}
          {canResume(job) && <ResumeJob job={job} />}
        </>
      }
    />
  );
}

function ModelLink({ name }: { name: string }) {
  return (
    <>
      {" of "}
      <Link
        className="rounded-sm underline decoration-border underline-offset-4 outline-none hover:decoration-current focus-visible:ring-[3px] focus-visible:ring-ring/50"
        href={paths.model(name)}
      >
        {name}
      </Link>
    </>
  );
}
