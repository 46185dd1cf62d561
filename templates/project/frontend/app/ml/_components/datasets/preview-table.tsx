"use client";

import { useState } from "react";
import type { Column, DataProblem, Preview, PreviewRow } from "../../_api";
import { type Columns, fieldsOf } from "../../_lib/datasets-mapping";
import { problemsByRow, type RowProblems } from "../../_lib/datasets-problems";
import { count } from "../../_lib/format";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";
import { type Opened, PreviewCell } from "./preview-cell";
import { PreviewText } from "./preview-text";
import { ProblemNote } from "./problem-note";

type Props = { preview: Preview; problems: DataProblem[]; columns: Columns };

const SHOWN = 8;
const NUMBER = "sticky left-0 z-10 w-px border-r bg-card px-3 text-right tabular-nums";

export function PreviewTable({ preview, problems, columns }: Props) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [wanted, setWanted] = useState<boolean | null>(null);
  const names = preview.columns.map((column) => column.name);
  const found = problemsByRow(problems, names);
  const isLater = preview.rows.slice(SHOWN).some((row) => found.has(row.number));
  const isOpen = wanted ?? isLater;
  const rows = isOpen ? preview.rows : preview.rows.slice(0, SHOWN);
  return (
    <>
      <Table label="Preview of the rows">
        <thead>
          <tr>
            <TableHead className={NUMBER}>Row</TableHead>
            {preview.columns.map((column) => (
              <ColumnHead
                key={column.name}
                column={column}
                fields={fieldsOf(column.name, columns)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.number}
              row={row}
              names={names}
              problems={found.get(row.number)}
              onOpen={setOpened}
            />
          ))}
        </tbody>
      </Table>
      {preview.rows.length > SHOWN && (
        <div className="flex justify-center border-t p-3">
          <Button variant="ghost" size="sm" onClick={() => setWanted(!isOpen)}>
            {isOpen ? "Show fewer rows" : `Show ${count(preview.rows.length)} rows`}
          </Button>
        </div>
      )}
      {opened && <PreviewText {...opened} onClose={() => setOpened(null)} />}
    </>
  );
}

function ColumnHead({ column, fields }: { column: Column; fields: string[] }) {
  return (
    <TableHead className={fields.length ? "bg-accent px-4 py-2" : "px-4 py-2"}>
      <span className="flex items-center gap-2">
        <span className="max-w-60 truncate text-foreground" title={column.name}>
          {column.name || "(no name)"}
        </span>
        {fields.map((field) => (
          <Badge key={field} variant="info">
            {field}
          </Badge>
        ))}
      </span>
      <span className="font-normal">{column.kind}</span>
    </TableHead>
  );
}

type RowProps = {
  row: PreviewRow;
  names: string[];
  problems: RowProblems | undefined;
  onOpen: (opened: Opened) => void;
};

function Row({ row, names, problems, onOpen }: RowProps) {
  return (
    <>
      <TableRow>
        <TableCell className={`${NUMBER} align-top text-muted-foreground`}>
          {count(row.number)}
        </TableCell>
        {names.map((name) => (
          <PreviewCell
            key={name}
            row={row.number}
            column={name}
            value={row.values[name]}
            problems={problems?.cells.get(name) ?? []}
            onOpen={onOpen}
          />
        ))}
      </TableRow>
      {problems && problems.whole.length > 0 && (
        <TableRow className="bg-red-500/8 hover:bg-red-500/8">
          <td className={NUMBER} />
          <TableCell colSpan={names.length} className="px-4 py-2">
            {problems.whole.map((message) => (
              <ProblemNote key={message}>{message}</ProblemNote>
            ))}
          </TableCell>
        </TableRow>
      )}
    </>
  );
}
