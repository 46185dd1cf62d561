"use client";

import { useState } from "react";
import type { Comparison, Row } from "../../_api";
import { title, value } from "../../_lib/format";
import { leavesOf, splitSettings } from "../../_lib/models-manifest";
import { isObject } from "../../_lib/objects";
import { Badge } from "../ui/badge";
import { Card, CardHeader } from "../ui/card";
import { CompareRow, CompareTable } from "./compare-table";

type Props = { comparison: Comparison; schema?: Record<string, unknown> };

export function CompareSettings({ comparison: { versions, settings }, schema }: Props) {
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const shown = settings
    .filter((row) => row.differs || !onlyDifferent)
    .toSorted((a, b) => Number(b.differs) - Number(a.differs));
  const [own, others] = splitSettings(shown, schema);
  const filter = (
    <label className="flex cursor-pointer items-center gap-2 text-sm">
      <input
        type="checkbox"
        role="switch"
        className="size-4 accent-primary"
        checked={onlyDifferent}
        onChange={(event) => setOnlyDifferent(event.target.checked)}
      />
      Only what differs
    </label>
  );
  return (
    <Card className="overflow-hidden">
      <CardHeader title="Settings" description="What differs comes first." actions={filter} />
      <CompareTable
        label="Setting"
        heads={versions.map(({ number }) => (
          <span key={number} className="text-sm text-foreground">
            Version {number}
          </span>
        ))}
      >
        <tbody>
          {own.map((row) => (
            <SettingRow key={row.name} row={row} />
          ))}
        </tbody>
        {others.length > 0 && (
          <tbody className="border-t">
            <tr>
              <th
                scope="rowgroup"
                className="sticky left-0 bg-card px-5 pt-4 pb-1 text-xs font-medium text-muted-foreground"
              >
                Set by the worker
              </th>
            </tr>
            {others.map((row) => (
              <SettingRow key={row.name} row={row} />
            ))}
          </tbody>
        )}
      </CompareTable>
      {shown.length === 0 && (
        <p className="px-5 py-6 text-sm text-muted-foreground">
          These versions were trained with the same settings.
        </p>
      )}
    </Card>
  );
}

function SettingRow({ row }: { row: Row }) {
  return (
    <CompareRow
      title={
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {title(row.name)} {row.differs && <Badge variant="info">differs</Badge>}
        </span>
      }
      cells={row.values.map((found, column) => (
        <Setting key={column} found={found} />
      ))}
    />
  );
}

function Setting({ found }: { found: unknown }) {
  if (!isObject(found)) return value(found);
  return leavesOf(found).map((leaf) => (
    <span key={leaf.name} className="block">
      <span className="text-muted-foreground">{leaf.name}:</span> {value(leaf.value)}
    </span>
  ));
}
