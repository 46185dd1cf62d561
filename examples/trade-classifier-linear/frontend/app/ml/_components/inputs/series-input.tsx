import { plural } from "../../_lib/format";
import { columnsOf, seriesOf, valuesOf } from "../../_lib/inputs-points";
import { type Cells, rowsOf } from "../../_lib/inputs-read";
import { PastePoints } from "./paste-points";
import { PointsTable } from "./points-table";
import { Label } from "./property-field";
import { PropertyGrid } from "./property-grid";
import type { InputProps } from "./registry";
import { Sparkline } from "./sparkline";

/** A list of points, pasted or written, and what else the model wants to know. */
export function SeriesInput({ properties, ...form }: InputProps) {
  const series = seriesOf(properties);
  if (!series) return <PropertyGrid {...form} properties={properties} />;
  const columns = columnsOf(series);
  const points = rowsOf(form.drafts[series.name]);
  const others = properties.filter((property) => property !== series);
  const change = (points: Cells[]) => form.onChange(series.name, points);
  const fault = form.faults[series.name];

  return (
    <>
      <fieldset className="grid min-w-0 gap-3" aria-describedby="series-said">
        <legend className="mb-1.5 text-sm font-medium">
          <Label title={series.title} isOptional={!series.isRequired} />
        </legend>
        <p id="series-said" className="text-xs/relaxed text-muted-foreground">
          {series.hint} {points.length > 0 && `${plural(points.length, "point")}.`}
        </p>
        <Sparkline values={valuesOf(points, columns)} />
        {points.length > 0 && (
          <PointsTable
            name={series.name}
            columns={columns}
            points={points}
            faults={form.faults}
            onChange={change}
          />
        )}
        <PastePoints columns={columns} points={points} fault={fault} onChange={change} />
      </fieldset>
      <PropertyGrid {...form} properties={others} />
    </>
  );
}
