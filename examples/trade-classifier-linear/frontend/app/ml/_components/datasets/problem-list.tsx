"use client";

import { useState } from "react";
import type { DatasetVersionDetail } from "../../_api";
import { sentence } from "../../_lib/datasets-problems";
import { count, plural } from "../../_lib/format";
import { Button } from "../ui/button";
import { Card, CardHeader } from "../ui/card";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";

const SHOWN = 20;

export function ProblemList({ version }: { version: DatasetVersionDetail }) {
  const [isOpen, setOpen] = useState(false);
  const { problems, problem_count } = version;
  const shown = isOpen ? problems : problems.slice(0, SHOWN);
  return (
    <Card id="problems" className="min-w-0 scroll-mt-20">
      <CardHeader title="Problems" description={describe(problems.length, problem_count)} />
      <Table label="Problems" className="border-t">
        <thead>
          <tr>
            <TableHead className="text-right">Row</TableHead>
            <TableHead>Column</TableHead>
            <TableHead className="w-full">Problem</TableHead>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ row, column, message }, place) => (
            <TableRow key={place}>
              <TableCell className="text-right align-top tabular-nums">
                {typeof row === "number" ? count(row) : "–"}
              </TableCell>
              <TableCell className="max-w-48 align-top break-words">{column ?? "–"}</TableCell>
              <TableCell className="min-w-56 align-top break-words">{sentence(message)}</TableCell>
            </TableRow>
          ))}
        </tbody>
      </Table>
      {problems.length > SHOWN && (
        <div className="flex justify-center border-t p-3">
          <Button variant="ghost" size="sm" onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Show fewer" : `Show all ${count(problems.length)}`}
          </Button>
        </div>
      )}
    </Card>
  );
}

function describe(listed: number, all: number): string {
  const rows = "Rows are numbered as in the file.";
  if (listed === all) return `${plural(all, "problem")}. ${rows}`;
  return `The first ${count(listed)} of ${count(all)}. ${rows}`;
}
