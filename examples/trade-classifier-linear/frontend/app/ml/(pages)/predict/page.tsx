import type { Metadata } from "next";
import { Suspense } from "react";
import { Predict } from "../../_components/predict/predict";

export const metadata: Metadata = { title: "Predict" };

export default function PredictPage() {
  return (
    <Suspense>
      <Predict />
    </Suspense>
  );
}
