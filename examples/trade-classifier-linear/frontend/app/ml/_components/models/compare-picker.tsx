import type { Version } from "../../_api";
import { MOST_COMPARED } from "../../_lib/models";
import { Card, CardContent, CardHeader } from "../ui/card";
import { Skeleton } from "../ui/skeleton";

type Props = { versions?: Version[]; chosen: number[]; onToggle: (number: number) => void };

export function ComparePicker({ versions, chosen, onToggle }: Props) {
  const numbers = versions?.map((version) => version.number) ?? [];
  const production = versions?.find((version) => version.stage === "production")?.number;
  // One that is not listed, or does not exist, can be taken out again.
  const shown = [...new Set([...numbers, ...chosen])].toSorted((a, b) => b - a);
  return (
    <Card>
      <CardHeader
        title="Versions"
        description={`${chosen.length} of up to ${MOST_COMPARED} chosen.`}
      />
      <CardContent>
        {versions ? (
          <fieldset className="flex max-h-40 flex-wrap gap-2 overflow-y-auto p-0.5">
            <legend className="sr-only">Versions to compare</legend>
            {shown.map((number) => (
              <label
                key={number}
                className="flex h-8 cursor-pointer items-center gap-2 rounded-md border bg-card px-2.5 text-sm has-checked:border-primary has-checked:bg-primary/10 has-disabled:cursor-not-allowed has-disabled:opacity-50"
              >
                <input
                  type="checkbox"
                  className="size-3.5 accent-primary"
                  checked={chosen.includes(number)}
                  disabled={!chosen.includes(number) && chosen.length >= MOST_COMPARED}
                  onChange={() => onToggle(number)}
                />
                Version {number}
                {number === production && (
                  <span className="text-xs text-muted-foreground">in production</span>
                )}
              </label>
            ))}
          </fieldset>
        ) : (
          <Skeleton className="h-8 w-72" />
        )}
      </CardContent>
    </Card>
  );
}
