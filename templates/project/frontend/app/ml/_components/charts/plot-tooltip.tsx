import type { TooltipContentProps } from "recharts";
import { value } from "../../_lib/format";
import { brief } from "./brief";

export function PlotTooltip({ active, label, payload }: TooltipContentProps) {
  if (!active || !payload.length) return null;
  return (
    <div className="rounded-md border bg-popover px-3 py-2 text-xs text-popover-foreground shadow-md">
      <p className="text-muted-foreground">Step {value(label)}</p>
      {payload.map((entry) => (
        <p key={String(entry.name)} className="mt-1 flex items-center gap-2 tabular-nums">
          <span aria-hidden className="size-2 rounded-full" style={{ background: entry.color }} />
          {entry.name}{" "}
          <b className="ml-auto pl-3 font-medium">
            {typeof entry.value === "number" ? brief(entry.value) : "–"}
          </b>
        </p>
      ))}
    </div>
  );
}
