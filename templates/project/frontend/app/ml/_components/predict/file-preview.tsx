import { cn } from "../../_lib/cn";
import type { Head } from "../../_lib/predict-file";
import { Table, TableCell, TableHead, TableRow } from "../ui/table";

type Props = { head: Head; used: string[] };

/** The first rows; the columns that the model is given stand out. */
export function FilePreview({ head, used }: Props) {
  const isUsed = (column: string) => column !== "" && used.includes(column);
  return (
    <div className="min-w-0">
      <h2 className="mb-1.5 text-sm font-medium">The first rows</h2>
      <div className="rounded-md border">
        <Table label="The first rows">
          <thead>
            <tr>
              {head.columns.map((column, place) => (
                <TableHead
                  key={place}
                  className={cn("relative px-3", isUsed(column) && "bg-accent text-foreground")}
                >
                  {column}
                  {isUsed(column) && <span className="sr-only"> (given to the model)</span>}
                </TableHead>
              ))}
            </tr>
          </thead>
          <tbody>
            {head.rows.map((row, at) => (
              <TableRow key={at}>
                {head.columns.map((column, place) => (
                  <TableCell
                    key={place}
                    className={cn("max-w-80 px-3 py-2", isUsed(column) && "bg-accent/50")}
                  >
                    <p className="line-clamp-2 break-words">{row[place]}</p>
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </tbody>
        </Table>
      </div>
    </div>
  );
}
