"use client";

import { useSearchParams } from "next/navigation";
import { paths } from "../../_lib/paths";
import { PageHeader } from "../page-header";
import { BatchForm } from "./batch-form";
import { ModelChoice } from "./model-choice";
import { RecentBatches } from "./recent-batches";

/** The page that has a model answer all rows of a file. */
export function PredictBatch() {
  const named = useSearchParams().get("model");
  return (
    <>
      <PageHeader
        title="Predict a file"
        description="Each row of a CSV file is an input. You get the same file back, with the answers beside the rows."
        back={{ href: named ? paths.predictWith(named) : paths.predict, title: "Predict" }}
      />
      <ModelChoice named={named} pathOf={paths.batch}>
        {(model, choice) => (
          <div className="grid gap-6">
            <BatchForm key={model.name} model={model} choice={choice} />
            <RecentBatches model={model.name} />
          </div>
        )}
      </ModelChoice>
    </>
  );
}
