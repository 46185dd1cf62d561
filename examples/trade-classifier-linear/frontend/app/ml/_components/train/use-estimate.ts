import { useMutation, useQuery } from "@tanstack/react-query";
import type { TrainingCreate } from "../../_api";
import { createEstimateMutation, getJobOptions } from "../../_api/@tanstack/react-query.gen";
import { estimateOf } from "../../_lib/estimates";
import { newKey } from "../../_lib/idempotency";
import { isOver, whileRunning } from "../../_lib/jobs";
import { sentenceOf } from "../../_lib/problems";

/** The estimate of a training, once it is asked for; gone as soon as something else is to be trained. */
export function useEstimate({ recipe, dataset_version_id, settings }: TrainingCreate) {
  const body = { recipe: recipe ?? "", dataset_version_id, settings };
  const create = useMutation({ ...createEstimateMutation(), meta: { showsErrors: true } });
  const asked = create.variables?.body;
  const isCurrent = JSON.stringify(asked) === JSON.stringify(body);
  const query = useQuery({
    ...getJobOptions({ path: { job_id: create.data?.id ?? "" } }),
    enabled: isCurrent && create.data !== undefined,
    refetchInterval: ({ state }) => whileRunning(!state.data || !isOver(state.data)),
  });

  const job = isCurrent ? query.data : undefined;
  const error = isCurrent ? (create.error ?? query.error) : null;
  return {
    ask: () => create.mutate({ body, headers: { "Idempotency-Key": newKey() } }),
    estimate: job && estimateOf(job),
    reason: error ? sentenceOf(error) : job?.error,
    isPending: isCurrent && !error && create.isSuccess ? !job || !isOver(job) : create.isPending,
  };
}
