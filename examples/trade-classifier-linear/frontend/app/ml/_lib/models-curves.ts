import { type EventPublic, getJobEvents } from "../_api";
import { extend, NOTHING_YET, type Point, thinOut } from "./run";

/** What a run said as it went, by name: "loss", "learning_rate", "macro_f1", … */
export type Curves = ReadonlyMap<string, readonly Point[]>;

const MOST_POINTS = 300; // of a curve
const MOST_PAGES = 20; // of a very long run, its first part
const PAGE = 500; // events

export async function readCurves(job: string, signal: AbortSignal): Promise<Curves> {
  const { training, evaluation } = extend(NOTHING_YET, await readEvents(job, signal));
  const curves = new Map<string, readonly Point[]>();
  for (const [name, points] of Object.entries(training))
    curves.set(name, thinOut(points, MOST_POINTS));
  for (const [name, points] of Object.entries(evaluation))
    curves.set(name in training ? `validation_${name}` : name, thinOut(points, MOST_POINTS));
  return curves;
}

/** Names that some of the runs have a curve for, a point alone is none; the losses first. */
export function curveNames(runs: Curves[]): string[] {
  const curves = runs.flatMap((curves) => [...curves]);
  const names = new Set(curves.filter(([, points]) => points.length > 1).map(([name]) => name));
  return [...names].toSorted((a, b) => Number(isLoss(b)) - Number(isLoss(a)));
}

async function readEvents(job: string, signal: AbortSignal): Promise<EventPublic[]> {
  const events: EventPublic[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const { data } = await getJobEvents({
      path: { job_id: job },
      query: { format: "json", limit: PAGE, after: events.at(-1)?.number ?? 0 },
      signal,
      throwOnError: true,
    });
    events.push(...(data?.items ?? []));
    if (!data?.next_cursor) break;
  }
  return events;
}

const isLoss = (name: string) => name.endsWith("loss");
