import { MessageSquareIcon } from "lucide-react";
import type { ModelDetail } from "../../_api";
import type { Question } from "../../_lib/predict";
import type { SessionAnswer } from "../../_lib/predict-answers";
import { Empty } from "../empty";
import { Card } from "../ui/card";
import { Skeleton } from "../ui/skeleton";
import { AnswerCard } from "./answer-card";
import { Refused } from "./refused";

type Props = {
  answer: SessionAnswer | undefined;
  error: unknown;
  isPending: boolean;
  model: ModelDetail;
  question: Question | undefined;
  onRetry: () => void;
};

/** Where the answer comes; screen readers are told when it has. */
export function AnswerPlace({ answer, error, isPending, model, question, onRetry }: Props) {
  return (
    <div aria-live="polite" aria-busy={isPending} className="grid gap-4">
      {isPending && <Waiting />}
      {!isPending && Boolean(error) && (
        <Refused error={error} model={model} question={question} onRetry={onRetry} />
      )}
      {!isPending && !error && answer && <AnswerCard answer={answer} schema={model.output} />}
      {!isPending && !error && !answer && (
        <Card>
          <Empty icon={MessageSquareIcon} title="No answer yet">
            Fill in the form, or try an example: the answer of version {model.production} comes
            here.
          </Empty>
        </Card>
      )}
    </div>
  );
}

function Waiting() {
  return (
    <Card className="grid gap-4 p-5" aria-label="The model is asked">
      <Skeleton className="h-8 w-2/3" />
      <Skeleton className="h-4 w-1/2" />
      <Skeleton className="h-32" />
    </Card>
  );
}
