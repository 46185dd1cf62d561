import type { Version } from "../_api";
import { value } from "./format";
import { paths } from "./paths";

type Metrics = Record<string, unknown>;
export type Difference = { amount: number; verdict: "better" | "worse" | "same" };

export const MOST_COMPARED = 10;
const LOWER_IS_BETTER =
  /(^|_)(loss|error|mae|mse|rmse|mape|smape|wer|cer|perplexity|deviance|brier|distance|fid|regret|seconds)(_|$)/;

/** By its name: of losses and errors the smaller one is the better one. */
export const isLowerBetter = (metric: string) => LOWER_IS_BETTER.test(metric.toLowerCase());

export const trainAgain = (model: string) => `${paths.train}?model=${model}`;

/** All that is a number in some of them: the main one first, the others as they come. */
export function metricNames(found: Metrics[], main?: string): string[] {
  const names = new Set(found.flatMap((metrics) => Object.keys(metrics).filter(isIn(metrics))));
  const others = [...names].filter((name) => name !== main);
  return main !== undefined && names.has(main) ? [main, ...others] : others;
}

const aligned = new Intl.NumberFormat("en", {
  minimumFractionDigits: 4,
  maximumFractionDigits: 4,
});

/** A metric among others: usual ones have their points in one line. */
export function figure(found: unknown): string {
  const number = numberOf(found);
  const isUsual = number !== undefined && Math.abs(number) >= 0.001 && Math.abs(number) < 10;
  return isUsual && !Number.isInteger(number) ? aligned.format(number) : value(number);
}

export function numberOf(found: unknown): number | undefined {
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

/** The best of some values of a metric; none where there is nothing to choose. */
export function bestOf(metric: string, values: unknown[]): number | undefined {
  const numbers = values.map(numberOf).filter((value) => value !== undefined);
  if (new Set(numbers).size < 2) return undefined;
  return isLowerBetter(metric) ? Math.min(...numbers) : Math.max(...numbers);
}

/** How far a value of a metric is from another one; nothing where one of them is no number. */
export function differenceTo(
  metric: string,
  base: unknown,
  value: unknown,
): Difference | undefined {
  const [from, to] = [numberOf(base), numberOf(value)];
  if (from === undefined || to === undefined) return undefined;
  if (from === to) return { amount: 0, verdict: "same" };
  const isBetter = isLowerBetter(metric) ? to < from : to > from;
  return { amount: to - from, verdict: isBetter ? "better" : "worse" };
}

/** Where a roll-back leads: the version that was in production before the present one. */
export function lastInProduction<V extends Pick<Version, "stage" | "promoted_at">>(
  versions: V[],
): V | undefined {
  return versions
    .filter((version) => version.stage === "archived" && version.promoted_at)
    .toSorted((a, b) => timeOf(b.promoted_at) - timeOf(a.promoted_at))[0];
}

/** "3,1,x" -> [1, 3]: the versions that an address asks for. */
export function numbersIn(text: string | null | undefined): number[] {
  const numbers = (text ?? "").split(",").map(Number);
  const valid = numbers.filter((number) => Number.isSafeInteger(number) && number > 0);
  return [...new Set(valid)].toSorted((a, b) => a - b).slice(0, MOST_COMPARED);
}

/** With a number that was not there, or without one that was. */
export function toggled(numbers: number[], number: number): number[] {
  return numbers.includes(number)
    ? numbers.filter((other) => other !== number)
    : [...numbers, number].toSorted((a, b) => a - b);
}

const timeOf = (value: string | null) => (value ? new Date(value).getTime() : 0);
const isIn = (metrics: Metrics) => (name: string) => numberOf(metrics[name]) !== undefined;
