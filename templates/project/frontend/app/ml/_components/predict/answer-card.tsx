import type { Schema } from "../../_lib/inputs-schema";
import { correctableAnswer } from "../../_lib/predict-correction";
import type { SessionAnswer } from "../../_lib/predict-answers";
import { choiceOf } from "../../_lib/predict-output";
import { Card } from "../ui/card";
import { ChoiceView } from "./choice-view";
import { CorrectionState } from "./correction-state";
import { Origin } from "./origin";
import { OutputView } from "./output-view";

type Props = { answer: SessionAnswer; schema: Schema | null };

/** What the model says, where that comes from, and whether it was right. */
export function AnswerCard({ answer, schema }: Props) {
  const { prediction, seconds, correction } = answer;
  const choice = choiceOf(prediction.output);
  return (
    <Card>
      <div className="grid gap-5 p-5">
        <h2 className="sr-only">Answer</h2>
        {choice && <ChoiceView choice={choice} />}
        <OutputView output={choice ? choice.rest : prediction.output} schema={schema} />
      </div>
      <div className="border-t px-5 py-4">
        <Origin prediction={prediction} seconds={seconds} />
      </div>
      <div className="border-t px-5 py-4">
        <CorrectionState prediction={correctableAnswer(answer, correction)} />
      </div>
    </Card>
  );
}
