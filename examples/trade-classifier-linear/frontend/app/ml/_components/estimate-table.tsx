import { bytes, duration, usd } from "../_lib/format";
import type { Estimate, GpuEstimate } from "../_lib/estimates";
import { Badge, type BadgeVariant } from "./ui/badge";
import { Table, TableCell, TableHead, TableRow } from "./ui/table";

const looks: Record<GpuEstimate["verdict"], BadgeVariant> = {
  fits: "good",
  tight: "warning",
  "does not fit": "bad",
};

/** Every GPU that the training could rent, the cheapest for all of it first. */
export function EstimateTable({ gpus, seconds_here, warnings }: Estimate) {
  const notes = [
    ...(seconds_here === null
      ? []
      : [`On the worker's machine, by its last run: ${duration(seconds_here)}, free.`]),
    ...warnings,
  ];
  return (
    <>
      {gpus.length > 0 && (
        <Table label="Estimate">
          <thead>
            <tr>
              <TableHead>GPU</TableHead>
              <TableHead>Memory</TableHead>
              <TableHead className="text-right">Time</TableHead>
              <TableHead className="text-right">Cost</TableHead>
            </tr>
          </thead>
          <tbody>
            {gpus.map((gpu, place) => (
              <GpuRow key={place} {...gpu} />
            ))}
          </tbody>
        </Table>
      )}
      {notes.length > 0 && (
        <ul className="grid gap-1 px-5 py-3 text-xs/relaxed text-muted-foreground">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function GpuRow(props: GpuEstimate) {
  const { gpu, tier, verdict, memory_bytes: memory, seconds, usd: cost } = props;
  const [soonest, latest] = props.seconds_range;
  const [least, most] = props.usd_range;
  return (
    <TableRow>
      <TableCell>
        <span className="block font-medium whitespace-nowrap">{gpu}</span>
        <span className="block text-xs whitespace-nowrap text-muted-foreground">{tier}</span>
      </TableCell>
      <TableCell>
        <Badge variant={looks[verdict]}>{verdict}</Badge>
        <span className="mt-1 block text-xs whitespace-nowrap text-muted-foreground tabular-nums">
          {bytes(memory.needed)} of {bytes(memory.available)}
        </span>
      </TableCell>
      <TableCell className="text-right whitespace-nowrap tabular-nums">
        {duration(seconds)}
        <Range from={duration(soonest)} to={duration(latest)} />
      </TableCell>
      <TableCell className="text-right font-medium whitespace-nowrap tabular-nums">
        {usd(cost)}
        <Range from={usd(least)} to={usd(most)} />
      </TableCell>
    </TableRow>
  );
}

function Range({ from, to }: { from: string; to: string }) {
  if (from === to) return null;
  return (
    <span className="block text-xs font-normal text-muted-foreground">
      {from} to {to}
    </span>
  );
}
