/** What the events of a job add up to: curves, progress, warnings and a story. */

import type { EventPublic } from "../_api";
import { asObject } from "./objects";

export type Point = { step: number; value: number };
export type Series = Readonly<Record<string, Point[]>>;
export type Metrics = Record<string, number>;
export type Progress = {
  step?: number;
  total?: number;
  epoch?: number;
  secondsLeft?: number;
  samplesPerSecond?: number;
};

export type Run = {
  /** Number of the newest event in it. */
  last: number;
  training: Series;
  evaluation: Series;
  baseline: { name: string; metrics: Metrics } | null;
  /** Of the newest evaluation, or of the finished model. */
  metrics: Metrics;
  progress: Progress;
  costUsd: number;
  warnings: string[];
  /** Everything but the steps. */
  story: EventPublic[];
};

export const NOTHING_YET: Run = {
  last: 0,
  training: {},
  evaluation: {},
  baseline: null,
  metrics: {},
  progress: {},
  costUsd: 0,
  warnings: [],
  story: [],
};

const STEPS = ["step", "progress"];
const NO_CURVES = new Set([
  "step",
  "total_steps",
  "epoch",
  "eta_seconds",
  "samples_per_second",
  "cost_usd",
]);

/** The run and its next events; those that it has already are left out. */
export function extend(run: Run, events: readonly EventPublic[]): Run {
  const next: Run = {
    ...run,
    training: copy(run.training),
    evaluation: copy(run.evaluation),
    warnings: [...run.warnings],
    story: [...run.story],
  };
  for (const event of events) if (event.number > next.last) take(next, event);
  return next;
}

/** The numbers among the values. */
export function numbersOf(data: unknown): Metrics {
  return Object.fromEntries(Object.entries(asObject(data)).filter(isFigure));
}

const isFigure = (entry: [string, unknown]): entry is [string, number] => Number.isFinite(entry[1]);

export function progressOf(data: Record<string, unknown>): Progress {
  const { step, total_steps, epoch, eta_seconds, samples_per_second } = numbersOf(data);
  return {
    step,
    total: total_steps,
    epoch,
    secondsLeft: eta_seconds,
    samplesPerSecond: samples_per_second,
  };
}

/** About `limit` points that show what all of them do: of each part its lowest and its highest. */
export function thinOut(points: readonly Point[], limit = 400): readonly Point[] {
  if (points.length <= limit) return points;
  const size = Math.ceil(points.length / (limit / 2));
  const thin: Point[] = [];
  for (let start = 0; start < points.length; start += size)
    thin.push(...extremes(points.slice(start, start + size)));
  const newest = points.at(-1);
  if (newest && thin.at(-1) !== newest) thin.push(newest);
  return thin;
}

function extremes(part: Point[]): Point[] {
  const byValue = part.toSorted((one, other) => one.value - other.value);
  const ends = new Set([byValue[0], byValue.at(-1)]);
  return part.filter((point) => ends.has(point));
}

function take(run: Run, event: EventPublic): void {
  run.last = event.number;
  run.costUsd = Math.max(run.costUsd, numbersOf(event.data).cost_usd ?? 0);
  if (STEPS.includes(event.kind)) takeStep(run, event.data);
  else run.story.push(event);
  takers[event.kind]?.(run, event.data);
}

const takers: Record<string, (run: Run, data: EventPublic["data"]) => void> = {
  started: (run) => {
    Object.assign(run, { training: {}, evaluation: {}, metrics: {}, progress: {}, warnings: [] });
  },
  baseline: (run, data) => {
    const metrics = { ...numbersOf(data), ...numbersOf(data.metrics) };
    delete metrics.cost_usd;
    run.baseline = { name: typeof data.name === "string" ? data.name : "Baseline", metrics };
  },
  evaluation: (run, data) => {
    const step = numbersOf(data).step ?? run.progress.step ?? 0;
    run.metrics = numbersOf(data.metrics);
    run.evaluation = withPoints(run.evaluation, step, run.metrics);
  },
  finished: (run, data) => {
    run.metrics = numbersOf(data.metrics);
  },
  warning: (run, data) => {
    if (typeof data.message === "string") run.warnings.push(data.message);
  },
};

/** A run that goes on from its checkpoint goes back to it: what came after it is done again. */
function takeStep(run: Run, data: EventPublic["data"]): void {
  const { step } = numbersOf(data);
  if (step !== undefined && step <= (run.progress.step ?? 0)) {
    run.training = cut(run.training, step);
    run.evaluation = cut(run.evaluation, step);
  }
  run.progress = progressOf(data);
  const curves = Object.entries(numbersOf(data)).filter(([name]) => !NO_CURVES.has(name));
  run.training = withPoints(run.training, step ?? 0, Object.fromEntries(curves));
}

function withPoints(series: Series, step: number, values: Metrics): Series {
  const added = Object.entries(values).map(([name, value]) => {
    const points = series[name] ?? [];
    while ((points.at(-1)?.step ?? -1) >= step) points.pop();
    points.push({ step, value });
    return [name, points] as const;
  });
  return added.every(([name]) => name in series)
    ? series
    : { ...series, ...Object.fromEntries(added) };
}

const cut = (series: Series, step: number) =>
  mapped(series, (points) => points.filter((point) => point.step < step));

const copy = (series: Series) => mapped(series, (points) => [...points]);

function mapped(series: Series, change: (points: Point[]) => Point[]): Series {
  return Object.fromEntries(Object.entries(series).map(([name, points]) => [name, change(points)]));
}
