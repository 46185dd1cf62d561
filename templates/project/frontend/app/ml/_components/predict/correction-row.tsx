import type { CorrectionPublic } from "../../_api";
import { ago, dateTime } from "../../_lib/format";
import { outputSummary } from "../../_lib/predict-output";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { TableCell, TableRow } from "../ui/table";
import { CorrectionDialog } from "./correction-dialog";
import { InputSummary } from "./input-summary";

export function CorrectionRow({ correction }: { correction: CorrectionPublic }) {
  const { prediction_id: id, model, predicted, output, note, created_at: made } = correction;
  const isUsed = correction.dataset_version_id !== null;
  return (
    <TableRow>
      <TableCell className="max-w-72 min-w-52">
        <InputSummary input={correction.input} />
      </TableCell>
      <TableCell className="max-w-48 min-w-32">
        <p className="line-clamp-2 break-words text-muted-foreground">{outputSummary(predicted)}</p>
      </TableCell>
      <TableCell className="max-w-56 min-w-40">
        <p className="line-clamp-2 font-medium break-words">{outputSummary(output)}</p>
        {note && (
          <p className="line-clamp-2 text-xs break-words text-muted-foreground" title={note}>
            {note}
          </p>
        )}
      </TableCell>
      <TableCell className="whitespace-nowrap">{model}</TableCell>
      <TableCell>
        <Badge variant={isUsed ? "good" : "neutral"}>{isUsed ? "In a data set" : "Waits"}</Badge>
      </TableCell>
      <TableCell className="whitespace-nowrap text-muted-foreground">
        <time dateTime={made} title={dateTime(made)}>
          {ago(made)}
        </time>
      </TableCell>
      <TableCell className="text-right">
        <CorrectionDialog
          prediction={{ id, model, output: predicted, correction: { output, note } }}
          trigger={
            <Button size="sm" variant="outline">
              Change
            </Button>
          }
        />
      </TableCell>
    </TableRow>
  );
}
