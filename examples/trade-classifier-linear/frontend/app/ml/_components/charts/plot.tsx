import {
  CartesianGrid,
  Line as Curve,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { thinOut } from "../../_lib/run";
import { brief } from "./brief";
import type { Line, Reference } from "./metric-chart";
import { PlotTooltip } from "./plot-tooltip";

const FEW = 30; // points that are shown as dots, too
const TICKS = 6;
const axis = {
  stroke: "var(--border)",
  tick: { fill: "var(--muted-foreground)", fontSize: 12 },
  tickLine: false,
  tickFormatter: brief,
};

type Props = { lines: Line[]; steps: number; reference?: Reference };
type Row = { step: number } & Record<string, number>;

/** Loaded on its own, because the library that draws is as large as the rest of a page. */
export default function Plot({ lines, steps, reference }: Props) {
  const end = Math.max(steps, ...lines.map((line) => line.points.at(-1)?.step ?? 0));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={rowsOf(lines)} margin={{ top: 8, right: 8, bottom: 0, left: 0 }}>
        <CartesianGrid vertical={false} stroke="var(--border)" />
        <XAxis
          {...axis}
          dataKey="step"
          type="number"
          domain={[0, end]}
          ticks={ticksTo(end)}
          minTickGap={32}
        />
        <YAxis {...axis} axisLine={false} width={56} domain={["auto", "auto"]} tickCount={5} />
        <Tooltip content={PlotTooltip} isAnimationActive={false} />
        {reference && (
          <ReferenceLine
            y={reference.value}
            stroke="var(--muted-foreground)"
            strokeDasharray="5 4"
            ifOverflow="extendDomain"
          />
        )}
        {lines.map((line) => (
          <Curve
            key={line.name}
            dataKey={line.name}
            stroke={line.color}
            strokeWidth={2}
            dot={line.points.length <= FEW && { r: 3, fill: line.color, strokeWidth: 0 }}
            isAnimationActive={false}
            connectNulls
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}

/** A row for each step, with the value of each line that has one there. */
function rowsOf(lines: Line[]): Row[] {
  const rows = new Map<number, Row>();
  for (const line of lines)
    for (const { step, value } of thinOut(line.points))
      rows.set(step, { ...rows.get(step), step, [line.name]: value });
  return [...rows.values()].toSorted((one, other) => one.step - other.step);
}

/** Round numbers from 0 to the end. */
function ticksTo(end: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(end / TICKS, 1)));
  const size = [1, 2, 5, 10].map((part) => part * power).find((size) => end / size <= TICKS) ?? end;
  return Array.from({ length: Math.floor(end / size) + 1 }, (_, tick) => tick * size);
}
