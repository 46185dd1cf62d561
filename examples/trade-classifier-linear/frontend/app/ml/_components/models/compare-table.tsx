import type { ReactNode } from "react";
import { cn } from "../../_lib/cn";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";

type Props = { label: string; heads: ReactNode[]; children: ReactNode };

/** A column for each version; all tables of a comparison are equally wide. */
export function CompareTable({ label, heads, children }: Props) {
  return (
    <Table
      label={label}
      className="table-fixed"
      style={{ minWidth: `${10 + heads.length * 9}rem` }}
    >
      <colgroup>
        <col className="w-36 sm:w-56" />
      </colgroup>
      <thead>
        <tr>
          <TableHead className="sticky left-0 z-10 bg-card">{label}</TableHead>
          {heads.map((head, index) => (
            <TableHead key={index} className="h-11 px-4">
              {head}
            </TableHead>
          ))}
        </tr>
      </thead>
      {children}
    </Table>
  );
}

type RowProps = { title: ReactNode; isMain?: boolean; cells: ReactNode[] };

export function CompareRow({ title, isMain, cells }: RowProps) {
  return (
    <TableRow>
      <th
        scope="row"
        className={cn(
          "sticky left-0 z-10 bg-card px-5 py-3 text-left align-top font-normal break-words",
          isMain && "font-semibold",
        )}
      >
        {title}
      </th>
      {cells.map((cell, index) => (
        <TableCell key={index} className="px-4 align-top break-words">
          {cell}
        </TableCell>
      ))}
    </TableRow>
  );
}
