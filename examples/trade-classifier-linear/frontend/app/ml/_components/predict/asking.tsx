"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { ModelDetail } from "../../_api";
import {
  getModelQueryKey,
  listModelsQueryKey,
  listPredictionsInfiniteQueryKey,
} from "../../_api/@tanstack/react-query.gen";
import { newKey } from "../../_lib/idempotency";
import type { Faults } from "../../_lib/inputs-read";
import { ask, inputFaults, type Question } from "../../_lib/predict";
import { useAnswers } from "../../_lib/predict-answers";
import { InputForm } from "../inputs/input-form";
import { Alert } from "../ui/alert";
import { Card } from "../ui/card";
import { AnswerPlace } from "./answer-place";
import { FallbackChoice } from "./fallback-choice";

type Props = { model: ModelDetail; choice: ReactNode };

/** The form of a model's input, and beside it the answer. */
export function Asking({ model, choice }: Props) {
  const queryClient = useQueryClient();
  const place = useRef<HTMLDivElement>(null);
  const [mayFallBack, setMayFallBack] = useState(false);
  const { answers, add } = useAnswers();
  const asking = useMutation({
    mutationFn: ask,
    meta: { showsErrors: true },
    onSuccess: async (answer) => {
      add(answer);
      await queryClient.invalidateQueries({ queryKey: listPredictionsInfiniteQueryKey() });
    },
    onError: () => {
      void queryClient.invalidateQueries({ queryKey: listModelsQueryKey() });
      return queryClient.invalidateQueries({
        queryKey: getModelQueryKey({ path: { name: model.name } }),
      });
    },
  });
  const { data, error, variables } = asking;
  const isInForm = Object.keys(inputFaults(error)).length > 0;
  const shown = answers.find(({ prediction }) => prediction.id === data?.prediction.id);

  useEffect(() => {
    if (data || error) place.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, [data, error]);

  async function submit(input: Question["input"]): Promise<Faults> {
    const question = { model: model.name, input, mayFallBack };
    const isRepeated = error && isSame(question, variables);
    const key = isRepeated && variables ? variables.key : newKey();
    try {
      await asking.mutateAsync({ ...question, key });
      return {};
    } catch (error) {
      return inputFaults(error);
    }
  }

  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Card className="grid gap-5 p-5">
        {choice}
        {!model.is_served && (
          <Alert variant="warning" title="Its server is not there yet">
            It is being started, which may take a minute. You can fill in the form meanwhile.
          </Alert>
        )}
        {model.input ? (
          <InputForm schema={model.input} isPending={asking.isPending} onSubmit={submit}>
            <FallbackChoice isAllowed={mayFallBack} onChange={setMayFallBack} />
          </InputForm>
        ) : (
          <Alert variant="warning">This model does not say what it takes.</Alert>
        )}
      </Card>
      <div ref={place} className="scroll-m-20">
        <AnswerPlace
          answer={shown}
          error={isInForm ? null : error}
          isPending={asking.isPending}
          model={model}
          question={variables}
          onRetry={() => variables && asking.mutate(variables)}
        />
      </div>
    </div>
  );
}

function isSame(question: Omit<Question, "key">, other: Question | undefined): boolean {
  const { model, input, mayFallBack } = other ?? {};
  return JSON.stringify(question) === JSON.stringify({ model, input, mayFallBack });
}
