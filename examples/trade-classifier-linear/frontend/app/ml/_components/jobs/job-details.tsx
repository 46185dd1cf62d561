import type { JobPublic } from "../../_api";
import type { Run } from "../../_lib/run";
import { Card } from "../ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs";
import { JobLog } from "./job-log";
import { JobSettings } from "./job-settings";
import { JobTimeline } from "./job-timeline";

export function JobDetails({ job, run }: { job: JobPublic; run: Run }) {
  const hasLog = job.kind === "train";
  return (
    <Card className="px-5 pt-2 pb-5">
      <Tabs defaultValue="events">
        <TabsList>
          <TabsTrigger value="events">Events</TabsTrigger>
          {hasLog && <TabsTrigger value="log">Log</TabsTrigger>}
          <TabsTrigger value="settings">Settings</TabsTrigger>
        </TabsList>
        <TabsContent value="events">
          <JobTimeline events={run.story} />
        </TabsContent>
        {hasLog && (
          <TabsContent value="log">
            <JobLog job={job} />
          </TabsContent>
        )}
        <TabsContent value="settings">
          <JobSettings job={job} />
        </TabsContent>
      </Tabs>
    </Card>
  );
}
