/** What a version's manifest says; each task writes what it has to say, so nothing is certain. */

export type Leaf = { name: string; value: unknown };

type Verdict = { mood: string; sentence: string; detail: string };

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

export function factsOf(value: unknown): Leaf[] {
  return Object.entries(recordOf(value)).map(([name, value]) => ({ name, value }));
}

/** The values inside of nested objects, as "outer.inner", in their order. */
export function leavesOf(value: Record<string, unknown>, prefix = ""): Leaf[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = prefix + key;
    const isNested = isRecord(inner) && Object.keys(inner).length > 0;
    return isNested ? leavesOf(inner, `${name}.`) : [{ name, value: inner }];
  });
}

export function verdictOf(manifest: Record<string, unknown>): Verdict | undefined {
  const { mood, sentence, detail } = recordOf(manifest.verdict);
  if (typeof mood !== "string" || typeof sentence !== "string") return undefined;
  return { mood, sentence, detail: typeof detail === "string" ? detail : "" };
}

/** Metrics of the simplest model worth beating, which was trained beside it. */
export function baselineOf(manifest: Record<string, unknown>) {
  const { metrics } = recordOf(manifest.baseline);
  return isRecord(metrics) ? metrics : undefined;
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
  const names = new Set(Object.keys(recordOf(schema.properties)));
  return [
    settings.filter(({ name }) => names.has(name)),
    settings.filter(({ name }) => !names.has(name)),
  ];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
