import type { Metadata } from "next";
import { Suspense } from "react";
import { PredictBatch } from "../../../_components/predict/predict-batch";

export const metadata: Metadata = { title: "Predict a file" };

export default function PredictBatchPage() {
  return (
    <Suspense>
      <PredictBatch />
    </Suspense>
  );
}
