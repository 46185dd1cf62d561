import { CircleCheckIcon } from "lucide-react";
import type { Correctable } from "../../_lib/predict-correction";
import { outputSummary } from "../../_lib/predict-output";
import { Button } from "../ui/button";
import { CorrectionDialog } from "./correction-dialog";
import { CorrectionsPlace } from "./corrections-place";

/** Whether an answer was corrected; where it can be, and what comes of that. */
export function CorrectionState({ prediction }: { prediction: Correctable }) {
  const { correction } = prediction;
  if (!correction)
    return (
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-muted-foreground">Is this wrong?</p>
        <CorrectionDialog
          prediction={prediction}
          trigger={
            <Button size="sm" variant="outline">
              Correct it
            </Button>
          }
        />
      </div>
    );
  return (
    <div className="flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0 flex-1 basis-56 text-sm">
        <p className="flex items-center gap-2 font-medium">
          <CircleCheckIcon
            aria-hidden
            className="size-4 shrink-0 text-emerald-700 dark:text-emerald-400"
          />
          Corrected to {outputSummary(correction.output)}
        </p>
        {correction.note && <p className="mt-1 break-words">“{correction.note}”</p>}
        <p className="mt-1 text-xs/relaxed text-muted-foreground">
          <CorrectionsPlace />
        </p>
      </div>
      <CorrectionDialog
        prediction={prediction}
        trigger={
          <Button size="sm" variant="outline">
            Change
          </Button>
        }
      />
    </div>
  );
}
