"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Model } from "../../_api";
import { promoteVersionMutation } from "../../_api/@tanstack/react-query.gen";
import { refreshModel } from "../../_lib/models-queries";
import { Confirm } from "../confirm";

type Props = {
  model: Pick<Model, "name" | "production">;
  number: number;
  trigger: ReactNode;
};

/** Asks whether a version shall answer; the job that then runs is shown by the page. */
export function Promote({ model: { name, production }, number, trigger }: Props) {
  const queryClient = useQueryClient();
  const promote = useMutation({
    ...promoteVersionMutation(),
    meta: { showsErrors: true },
    onSuccess: () => refreshModel(queryClient, name),
  });
  return (
    <Confirm
      trigger={trigger}
      title={`Promote version ${number}`}
      description={whatHappens(number, production)}
      action="Promote"
      mutation={promote}
      onConfirm={(key) =>
        promote.mutateAsync({ path: { name, number }, headers: { "Idempotency-Key": key } })
      }
    />
  );
}

export function whatHappens(number: number, production: number | null): string {
  const start = `A server is started for version ${number}.`;
  if (production === null || production === number) return `${start} It answers once it is ready.`;
  return `${start} Version ${production} answers until it is ready, then version ${number} takes over.`;
}
