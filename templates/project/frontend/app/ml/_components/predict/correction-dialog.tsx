"use client";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { getModelOptions } from "../../_api/@tanstack/react-query.gen";
import type { Correctable } from "../../_lib/predict-correction";
import { outputSummary } from "../../_lib/predict-output";
import { Failure } from "../failure";
import { Dialog } from "../ui/dialog";
import { Skeleton } from "../ui/skeleton";
import { CorrectionForm } from "./correction-form";

type Props = { prediction: Correctable; trigger: ReactNode };

export function CorrectionDialog({ prediction, trigger }: Props) {
  const [isOpen, setOpen] = useState(false);
  const model = useQuery({
    ...getModelOptions({ path: { name: prediction.model } }),
    enabled: isOpen,
  });
  return (
    <Dialog
      open={isOpen}
      onOpenChange={setOpen}
      trigger={trigger}
      title={prediction.correction ? "Change the correction" : "Correct this answer"}
      description={`The model said “${clamped(outputSummary(prediction.output))}”. Say what is right.`}
    >
      {model.error && <Failure error={model.error} onRetry={model.refetch} />}
      {!model.error && !model.data && <Skeleton className="h-60" />}
      {model.data && (
        <CorrectionForm prediction={prediction} model={model.data} onDone={() => setOpen(false)} />
      )}
    </Dialog>
  );
}

const MOST = 120; // characters
const clamped = (text: string) => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);
