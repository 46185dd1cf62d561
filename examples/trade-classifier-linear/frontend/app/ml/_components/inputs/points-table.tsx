"use client";

import { XIcon } from "lucide-react";
import { useState } from "react";
import { plural } from "../../_lib/format";
import type { Cells, Faults } from "../../_lib/inputs-read";
import { isNumeric, type Property } from "../../_lib/inputs-schema";
import { Button } from "../ui/button";
import { Input } from "../ui/input";

const FIRST = 50; // rows; a thousand fields at once make a page slow

type Props = {
  name: string;
  columns: Property[];
  points: Cells[];
  faults: Faults;
  onChange: (points: Cells[]) => void;
};

/** The points, to look through and mend. */
export function PointsTable({ name, columns, points, faults, onChange }: Props) {
  const [isWhole, setWhole] = useState(false);
  const wrong = Object.keys(faults).filter((place) => place.startsWith(`${name}.`));
  const shown = points.slice(0, isWhole || wrong.length ? undefined : FIRST);
  const faultAt = (row: number, column: Property) =>
    faults[[name, row, column.name].filter((part) => part !== "").join(".")];

  function write(row: number, column: string, cell: string) {
    onChange(points.map((point, at) => (at === row ? { ...point, [column]: cell } : point)));
  }

  return (
    <div className="overflow-hidden rounded-md border">
      <div className="max-h-72 overflow-auto">
        <table className="w-full text-sm">
          <thead className="sticky top-0 bg-muted text-left text-xs text-muted-foreground">
            <tr>
              {columns.map((column) => (
                <th key={column.name} scope="col" className="h-8 px-2 font-medium">
                  {column.title}
                </th>
              ))}
              <td className="w-9" />
            </tr>
          </thead>
          <tbody>
            {shown.map((point, row) => (
              <tr key={row} className="align-top">
                {columns.map((column) => (
                  <td key={column.name} className="p-1">
                    <Input
                      aria-label={`${column.title} of point ${row + 1}`}
                      aria-invalid={faultAt(row, column) ? true : undefined}
                      value={point[column.name] ?? ""}
                      inputMode={isNumeric(column) ? "decimal" : undefined}
                      onChange={(event) => write(row, column.name, event.target.value)}
                      className="h-8 min-w-24 px-2 tabular-nums"
                    />
                    {faultAt(row, column) && (
                      <p role="alert" className="px-1 pt-1 text-xs text-destructive">
                        {faultAt(row, column)}
                      </p>
                    )}
                  </td>
                ))}
                <td className="p-1">
                  <Button
                    variant="ghost"
                    size="icon"
                    className="size-8"
                    aria-label={`Remove point ${row + 1}`}
                    onClick={() => onChange(points.filter((_, at) => at !== row))}
                  >
                    <XIcon />
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < points.length && (
        <Button
          variant="ghost"
          size="sm"
          className="w-full rounded-none border-t"
          onClick={() => setWhole(true)}
        >
          Show all {plural(points.length, "point")}
        </Button>
      )}
    </div>
  );
}
