import type { KeptPrediction } from "../../_api";
import { ago, dateTime, share, usd } from "../../_lib/format";
import { correctableOf } from "../../_lib/predict-correction";
import { confidenceOf, outputSummary } from "../../_lib/predict-output";
import { Button } from "../ui/button";
import { TableCell, TableRow } from "../ui/table";
import { CorrectionDialog } from "./correction-dialog";
import { InputSummary } from "./input-summary";
import { Source } from "./origin";

export function PredictionRow({ prediction }: { prediction: KeptPrediction }) {
  const { input, output, corrected, note, cost_usd: cost, created_at: asked } = prediction;
  const confidence = confidenceOf(output);
  return (
    <TableRow>
      <TableCell className="max-w-80 min-w-56">
        <InputSummary input={input} />
      </TableCell>
      <TableCell className="max-w-60 min-w-40">
        <p
          className={
            corrected
              ? "line-clamp-2 break-words text-muted-foreground line-through"
              : "line-clamp-2 break-words"
          }
        >
          {outputSummary(output)}
        </p>
        {corrected && (
          <p className="relative line-clamp-2 font-medium break-words" title={note ?? undefined}>
            <span className="sr-only">Corrected to </span>
            {outputSummary(corrected)}
          </p>
        )}
      </TableCell>
      <TableCell className="text-right tabular-nums">
        {confidence === null ? "–" : share(confidence)}
      </TableCell>
      <TableCell>
        <span className="whitespace-nowrap">
          <Source {...prediction} />
        </span>
        {cost > 0 && <p className="text-xs text-muted-foreground tabular-nums">{usd(cost)}</p>}
      </TableCell>
      <TableCell className="whitespace-nowrap text-muted-foreground">
        <time dateTime={asked} title={dateTime(asked)}>
          {ago(asked)}
        </time>
      </TableCell>
      <TableCell className="text-right">
        <CorrectionDialog
          prediction={correctableOf(prediction)}
          trigger={
            <Button size="sm" variant="outline">
              {corrected ? "Change" : "Correct"}
            </Button>
          }
        />
      </TableCell>
    </TableRow>
  );
}
