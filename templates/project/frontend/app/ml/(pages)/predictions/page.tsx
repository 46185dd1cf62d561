import type { Metadata } from "next";
import { Suspense } from "react";
import { Predictions } from "../../_components/predict/predictions";

export const metadata: Metadata = { title: "Predictions" };

export default function PredictionsPage() {
  return (
    <Suspense>
      <Predictions />
    </Suspense>
  );
}
