import { asObject } from "./objects";

export type Counts = [name: string, count: number][];

type Summary = {
  single: [string, unknown][];
  /** The largest first. */
  groups: [string, Counts][];
};

/** Parts a check's summary by what its values are, as no task says which it has. */
export function countsIn(summary: Record<string, unknown>): Summary {
  const found: Summary = { single: [], groups: [] };
  for (const [name, value] of Object.entries(summary)) {
    const counts = asCounts(value);
    if (counts) found.groups.push([name, counts]);
    else found.single.push([name, value]);
  }
  return found;
}

function asCounts(value: unknown): Counts | null {
  const counts = Object.entries(asObject(value));
  if (!counts.length || !counts.every(isCount)) return null;
  return counts.toSorted(([, one], [, other]) => other - one);
}

const isCount = (entry: [string, unknown]): entry is [string, number] =>
  typeof entry[1] === "number" && entry[1] >= 0;
