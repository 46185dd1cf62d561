import type { ReactNode } from "react";
import type { JobPublic } from "../../_api";
import { duration, usd, value } from "../../_lib/format";
import { isOver, secondsOf, shareOf, stepsOf } from "../../_lib/jobs";
import { progressOf, type Progress, type Run } from "../../_lib/run";
import { Card, CardContent } from "../ui/card";
import { Progress as Bar } from "../ui/progress";
import { useNow } from "./use-now";

export function JobProgress({ job, run }: { job: JobPublic; run: Run }) {
  const now = useNow(!isOver(job));
  const progress = run.progress.step === undefined ? progressOf(job.progress) : run.progress;
  const seconds = secondsOf(job, now);
  const isCounted = job.kind === "train" || job.kind === "batch";
  return (
    <Card>
      <CardContent className="grid gap-4 pt-5">
        <JobBar job={job} progress={progress} />
        <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 lg:grid-cols-5">
          {isCounted && (
            <Fact name={job.kind === "batch" ? "Rows" : "Steps"}>{stepsOf(progress)}</Fact>
          )}
          <Fact name="Elapsed">{seconds === undefined ? "–" : duration(seconds)}</Fact>
          {job.kind === "train" && <Fact name="Time left">{timeLeft(job, progress)}</Fact>}
          {job.kind === "train" && <Fact name="Speed">{speedOf(progress)}</Fact>}
          <Fact name="Cost">
            {usd(Math.max(job.cost_usd, run.costUsd))}
            {job.cost_limit_usd !== null && (
              <span className="font-normal text-muted-foreground">
                {" "}
                of {usd(job.cost_limit_usd)}
              </span>
            )}
          </Fact>
        </dl>
      </CardContent>
    </Card>
  );
}

function JobBar({ job, progress }: { job: JobPublic; progress: Progress }) {
  const done = job.status === "succeeded" ? 1 : shareOf(progress);
  if (done === undefined && job.status === "running")
    return (
      <div
        role="progressbar"
        aria-label="Progress, not known yet"
        className="h-2 animate-pulse rounded-full bg-primary/35"
      />
    );
  return <Bar label="Progress" value={done ?? 0} />;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted-foreground">{name}</dt>
      <dd className="mt-0.5 font-medium tabular-nums">{children}</dd>
    </div>
  );
}

function timeLeft(job: JobPublic, { secondsLeft }: Progress): string {
  if (job.status !== "running" || secondsLeft === undefined) return "–";
  return secondsLeft > 0 ? `about ${duration(secondsLeft)}` : "finishing";
}

const speedOf = ({ samplesPerSecond }: Progress) =>
  samplesPerSecond === undefined ? "–" : `${value(samplesPerSecond)} samples/s`;
