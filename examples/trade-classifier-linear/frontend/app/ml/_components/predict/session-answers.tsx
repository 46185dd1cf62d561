"use client";

import Link from "next/link";
import { share } from "../../_lib/format";
import { paths } from "../../_lib/paths";
import { type SessionAnswer, useAnswers } from "../../_lib/predict-answers";
import { correctableAnswer } from "../../_lib/predict-correction";
import { confidenceOf, outputSummary } from "../../_lib/predict-output";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Card, CardHeader } from "../ui/card";
import { CorrectionDialog } from "./correction-dialog";
import { InputSummary } from "./input-summary";
import { Source } from "./origin";

/** What was asked since the page was opened. */
export function SessionAnswers() {
  const { answers } = useAnswers();
  if (!answers.length) return null;
  return (
    <Card className="mt-6">
      <CardHeader
        title="Asked just now"
        description="All that was ever asked is under Predictions."
        actions={
          <Button asChild size="sm" variant="outline">
            <Link href={paths.predictions}>All predictions</Link>
          </Button>
        }
      />
      <ul className="border-t">
        {answers.map((answer) => (
          <AnswerRow key={answer.prediction.id} answer={answer} />
        ))}
      </ul>
    </Card>
  );
}

function AnswerRow({ answer }: { answer: SessionAnswer }) {
  const { prediction, input, correction } = answer;
  const confidence = confidenceOf(prediction.output);
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 px-5 py-3 text-sm not-last:border-b">
      <div className="min-w-0 flex-1 basis-60">
        <InputSummary input={input} />
      </div>
      <div className="min-w-0 flex-1 basis-44">
        <p className="line-clamp-2 font-medium break-words">
          {outputSummary(prediction.output)}{" "}
          {confidence !== null && (
            <span className="font-normal text-muted-foreground tabular-nums">
              {share(confidence)}
            </span>
          )}
        </p>
        <p className="text-xs text-muted-foreground">
          <Source {...prediction} />
        </p>
      </div>
      <div className="flex items-center gap-3">
        {correction && <Badge variant="good">Corrected: {outputSummary(correction.output)}</Badge>}
        <CorrectionDialog
          prediction={correctableAnswer(answer, correction)}
          trigger={
            <Button size="sm" variant="outline">
              {correction ? "Change" : "Correct"}
            </Button>
          }
        />
      </div>
    </li>
  );
}
