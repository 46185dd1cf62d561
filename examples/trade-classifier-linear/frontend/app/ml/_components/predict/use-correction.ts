import { useMutation, useQueryClient } from "@tanstack/react-query";
import { deleteCorrection, putCorrection } from "../../_api";
import {
  listCorrectionsInfiniteQueryKey,
  listCorrectionsQueryKey,
  listPredictionsInfiniteQueryKey,
} from "../../_api/@tanstack/react-query.gen";
import { useAnswers } from "../../_lib/predict-answers";
import type { Correctable, Correction } from "../../_lib/predict-correction";
import { say } from "../../_lib/toast";

/** Saves a correction or takes it back, and has every list that shows it asked again. */
export function useCorrection(prediction: Correctable, onDone: () => void) {
  const queryClient = useQueryClient();
  const { correct } = useAnswers();
  const path = { prediction_id: prediction.id };
  const meta = { showsErrors: true };

  async function show(correction: Correction | undefined) {
    correct(prediction.id, correction);
    const keys = [
      listPredictionsInfiniteQueryKey(),
      listCorrectionsInfiniteQueryKey(),
      listCorrectionsQueryKey(),
    ];
    await Promise.all(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    onDone();
    void say("success", correction ? "The correction is saved." : "The correction is taken back.");
  }

  const save = useMutation({
    mutationFn: (body: Correction) => putCorrection({ path, body, throwOnError: true }),
    meta,
    onSuccess: (_, correction) => show(correction),
  });
  const takeBack = useMutation({
    mutationFn: () => deleteCorrection({ path, throwOnError: true }),
    meta,
    onSuccess: () => show(undefined),
  });
  return { save, takeBack };
}
