import type { JobPublic } from "../_api";
import { bestOf, estimateOf } from "./estimates";
import { count, plural, share } from "./format";
import { paths } from "./paths";
import { type Progress, progressOf } from "./run";

export type Kind = JobPublic["kind"];
export type Status = JobPublic["status"];

export const kinds: Record<JobPublic["kind"], string> = {
  check: "Check",
  estimate: "Estimate",
  train: "Training",
  deploy: "Deployment",
  batch: "Batch",
};

export const statuses: Record<Status, string> = {
  queued: "Queued",
  running: "Running",
  succeeded: "Succeeded",
  stopped: "Stopped",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const isOver = (job: Pick<JobPublic, "status">) =>
  job.status !== "queued" && job.status !== "running";

/** How often to look at what a worker still has in hand; false when it is done. */
export const whileRunning = (isRunning: boolean) => (isRunning ? 2000 : false);

/** Trainings go on from their checkpoint. */
export const canResume = (job: Pick<JobPublic, "status" | "kind">) =>
  job.kind === "train" && isOver(job) && job.status !== "succeeded";

export type Filter = { kind?: Kind; status?: Status };

/** Only what the API knows: anybody can write an address. */
export function filterOf(query: { get: (name: string) => string | null }): Filter {
  return {
    kind: keyOf(kinds, query.get("kind")),
    status: keyOf(statuses, query.get("status")),
  };
}

export function pathOf(filter: Filter): string {
  const set = Object.entries(filter).filter(([, value]) => value);
  const query = new URLSearchParams(Object.fromEntries(set)).toString();
  return query ? `${paths.jobs}?${query}` : paths.jobs;
}

/** From 0 to 1; undefined where nothing says how far it is. */
export function shareOf({ step, total }: Progress): number | undefined {
  return step !== undefined && total ? Math.min(step / total, 1) : undefined;
}

/** Seconds that it has run; undefined before it starts. */
export function secondsOf(
  job: Pick<JobPublic, "started_at" | "finished_at">,
  now: number,
): number | undefined {
  if (!job.started_at) return undefined;
  const end = job.finished_at ? new Date(job.finished_at).getTime() : now;
  return (end - new Date(job.started_at).getTime()) / 1000;
}

/** Where a job is, or what it came to, in a few words. */
export function outcomeOf(job: JobPublic): string {
  const { result } = job;
  if (job.status === "succeeded") {
    const estimate = estimateOf(job);
    if (estimate) return bestOf(estimate);
    if (typeof result.version === "number") return `Version ${result.version}`;
    if (result.status === "valid") return "No problems";
    if (typeof result.problem_count === "number") return plural(result.problem_count, "problem");
    if (typeof result.rows === "number") return plural(result.rows, "row");
    return "Done";
  }
  const done = shareOf(progressOf(job.progress));
  if (job.status === "queued" && !job.error) return "Waits for a worker";
  if (job.error) return job.error;
  if (done !== undefined) return share(done);
  return isOver(job) ? "–" : "Under way";
}

export function stepsOf({ step, total }: Progress): string {
  if (step === undefined) return "–";
  return total ? `${count(step)} of ${count(total)}` : count(step);
}

function keyOf<Key extends string>(of: Record<Key, string>, found: string | null): Key | undefined {
  const isKey = (name: string): name is Key => Object.hasOwn(of, name);
  return found !== null && isKey(found) ? found : undefined;
}
