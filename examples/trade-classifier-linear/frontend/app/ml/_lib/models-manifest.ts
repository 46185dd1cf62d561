/** What a version's manifest says; each task writes what it has to say, so nothing is certain. */

import { asObject, isObject } from "./objects";

export type Leaf = { name: string; value: unknown };

type Verdict = { mood: string; sentence: string; detail: string };

export function factsOf(value: unknown): Leaf[] {
  return Object.entries(asObject(value)).map(([name, value]) => ({ name, value }));
}

/** The values inside of nested objects, as "outer.inner", in their order. */
export function leavesOf(value: Record<string, unknown>, prefix = ""): Leaf[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = prefix + key;
    const isNested = isObject(inner) && Object.keys(inner).length > 0;
    return isNested ? leavesOf(inner, `${name}.`) : [{ name, value: inner }];
  });
}

export function verdictOf(manifest: Record<string, unknown>): Verdict | undefined {
  const { mood, sentence, detail } = asObject(manifest.verdict);
  if (typeof mood !== "string" || typeof sentence !== "string") return undefined;
  return { mood, sentence, detail: typeof detail === "string" ? detail : "" };
}

/** Metrics of the simplest model worth beating, which was trained beside it. */
export function baselineOf(manifest: Record<string, unknown>) {
  const { metrics } = asObject(manifest.baseline);
  return isObject(metrics) ? metrics : undefined;
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Those that a recipe's schema has, which somebody chose, and those that the worker set. */
export function splitSettings<S extends { name: string }>(
  settings: S[],
  schema: Record<string, unknown> | undefined,
): [own: S[], others: S[]] {
  if (!schema) return [settings, []];
  const names = new Set(Object.keys(asObject(schema.properties)));
  return [
    settings.filter(({ name }) => names.has(name)),
    settings.filter(({ name }) => !names.has(name)),
  ];
}
