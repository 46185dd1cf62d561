"use client";

import { FileSpreadsheetIcon } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { paths } from "../../_lib/paths";
import { PageHeader } from "../page-header";
import { Button } from "../ui/button";
import { Asking } from "./asking";
import { ModelChoice } from "./model-choice";
import { SessionAnswers } from "./session-answers";

/** The page that asks a model about one input. */
export function Predict() {
  const named = useSearchParams().get("model");
  return (
    <>
      <PageHeader
        title="Predict"
        description="Ask a model about one input. Where it is wrong, say so: it learns from that."
        actions={
          <Button asChild variant="outline">
            <Link href={named ? paths.batch(named) : `${paths.predict}/batch`}>
              <FileSpreadsheetIcon /> Predict a file
            </Link>
          </Button>
        }
      />
      <ModelChoice named={named} pathOf={paths.predictWith}>
        {(model, choice) => <Asking key={model.name} model={model} choice={choice} />}
      </ModelChoice>
      <SessionAnswers />
    </>
  );
}
