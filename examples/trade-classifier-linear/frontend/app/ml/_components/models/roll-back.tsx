"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Undo2Icon } from "lucide-react";
import { rollBackMutation } from "../../_api/@tanstack/react-query.gen";
import { refreshModel } from "../../_lib/models-queries";
import { Confirm } from "../confirm";
import { Button } from "../ui/button";
import { whatHappens } from "./promote";

type Props = { name: string; from: number; to: number; isDisabled: boolean };

export function RollBack({ name, from, to, isDisabled }: Props) {
  const queryClient = useQueryClient();
  const rollBack = useMutation({
    ...rollBackMutation(),
    meta: { showsErrors: true },
    onSuccess: () => refreshModel(queryClient, name),
  });
  return (
    <Confirm
      trigger={
        <Button variant="outline" size="sm" disabled={isDisabled}>
          <Undo2Icon /> Roll back
        </Button>
      }
      title={`Roll back from version ${from} to version ${to}`}
      description={`Version ${to} was in production before. ${whatHappens(to, from)}`}
      action={`Roll back to version ${to}`}
      mutation={rollBack}
      onConfirm={(key) =>
        rollBack.mutateAsync({ path: { name }, headers: { "Idempotency-Key": key } })
      }
    />
  );
}
