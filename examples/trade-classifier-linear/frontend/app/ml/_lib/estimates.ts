/** What the job of an estimate answers: each GPU that a training could rent, the cheapest first. */

import type { JobPublic } from "../_api";
import { duration, usd } from "./format";

export type GpuEstimate = {
  gpu: string;
  tier: string;
  verdict: "fits" | "tight" | "does not fit";
  memory_bytes: { needed: number; available: number };
  seconds: number;
  seconds_range: [number, number];
  usd: number;
  usd_range: [number, number];
};

export type Estimate = {
  provider: string;
  gpus: GpuEstimate[];
  /** On the worker's machine, by the speed of its last run. */
  seconds_here: number | null;
  warnings: string[];
};

/** Undefined until there is one; its worker has checked what is in it. */
export function estimateOf(job: JobPublic): Estimate | undefined {
  const isThere = job.kind === "estimate" && job.status === "succeeded";
  return isThere ? (job.result as Estimate) : undefined;
}

/** The cheapest that fits, or else what is nearest to it, in a few words. */
export function bestOf({ gpus: [best], seconds_here: here }: Estimate): string {
  if (best) {
    const fit = best.verdict === "fits" ? "" : `, ${best.verdict}`;
    return `${best.gpu}${fit}: ${duration(best.seconds)}, ${usd(best.usd)}`;
  }
  return here === null ? "Free, on this machine" : `${duration(here)}, free, on this machine`;
}
