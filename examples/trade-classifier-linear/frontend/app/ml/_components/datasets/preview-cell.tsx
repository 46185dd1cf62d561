import { cn } from "../../_lib/cn";
import { fullTextOf, isLong, textOf } from "../../_lib/datasets-preview";
import { Button } from "../ui/button";
import { TableCell } from "../ui/table";
import { ProblemNote } from "./problem-note";

/** A cell that is read as a whole. */
export type Opened = { row: number; column: string; text: string };

type Props = {
  row: number;
  column: string;
  value: unknown;
  problems: string[];
  onOpen: (opened: Opened) => void;
};

export function PreviewCell({ row, column, value, problems, onOpen }: Props) {
  const text = textOf(value);
  return (
    <TableCell className={cn("px-4 py-2.5 align-top", problems.length > 0 && "bg-red-500/8")}>
      <div className="w-max max-w-72 sm:max-w-md">
        {text.trim() ? (
          <p className="line-clamp-5 break-words whitespace-pre-wrap sm:line-clamp-3">{text}</p>
        ) : (
          <p className="text-muted-foreground italic">empty</p>
        )}
        {isLong(text) && (
          <Button
            variant="link"
            className="h-6 px-0 text-xs"
            aria-label={`Read all of ${column} in row ${row}`}
            onClick={() => onOpen({ row, column, text: fullTextOf(value) })}
          >
            Read all
          </Button>
        )}
        {problems.map((message) => (
          <ProblemNote key={message}>{message}</ProblemNote>
        ))}
      </div>
    </TableCell>
  );
}
