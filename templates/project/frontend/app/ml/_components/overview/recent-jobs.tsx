import type { JobPublic } from "../../_api";
import { isOver } from "../../_lib/jobs";
import { paths } from "../../_lib/paths";
import { JobTable } from "../jobs/job-table";
import { Card } from "../ui/card";
import { SectionHeading } from "./section-heading";

const SHOWN = 5;

export function RecentJobs({ jobs }: { jobs: JobPublic[] }) {
  const recent = jobs.filter(isOver).slice(0, SHOWN);
  if (!recent.length) return null;
  return (
    <section>
      <SectionHeading title="Recent jobs" more={{ href: paths.jobs, title: "All jobs" }} />
      <Card className="overflow-hidden">
        <JobTable jobs={recent} />
      </Card>
    </section>
  );
}
