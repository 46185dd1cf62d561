"use client";

import Link from "next/link";
import { type ReactNode, useEffect, useState } from "react";
import type { ModelDetail } from "../../_api";
import { paths } from "../../_lib/paths";
import { isRefusal, type Question } from "../../_lib/predict";
import { adviceOf } from "../../_lib/predict-refusals";
import { isProblem, sentenceOf } from "../../_lib/problems";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";

type Props = {
  error: unknown;
  model: ModelDetail;
  question: Question | undefined;
  onRetry: () => void;
};

/** Why there is no answer, and what to do about it. */
export function Refused({ error, model, question, onRetry }: Props) {
  const { title, advice, canRetry, isAboutModel } = adviceOf(error, question?.mayFallBack ?? false);
  const wait = isRefusal(error) ? error.retryAfter : null;
  const actions: ReactNode = (
    <>
      {canRetry && <RetryButton key={question?.key} wait={wait ?? 0} onRetry={onRetry} />}
      {isAboutModel && (
        <Button asChild size="sm" variant="outline">
          <Link href={paths.model(model.name)}>Open {model.name}</Link>
        </Button>
      )}
    </>
  );
  return (
    <Alert variant="error" title={title} actions={actions}>
      <p>{sentenceOf(error)}</p>
      {advice && <p className="mt-1">{advice}</p>}
      {isProblem(error) && error.request_id && (
        <p className="mt-1 text-xs text-muted-foreground">Request {error.request_id}</p>
      )}
    </Alert>
  );
}

/** Counts down the seconds that the server asks for. */
function RetryButton({ wait, onRetry }: { wait: number; onRetry: () => void }) {
  const [left, setLeft] = useState(wait);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return (
    <Button size="sm" variant="outline" disabled={left > 0} onClick={onRetry}>
      {left > 0 ? `Try again in ${left} s` : "Try again"}
    </Button>
  );
}
