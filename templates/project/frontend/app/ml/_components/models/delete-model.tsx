"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2Icon } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Model } from "../../_api";
import { deleteModelMutation, listModelsQueryKey } from "../../_api/@tanstack/react-query.gen";
import { plural } from "../../_lib/format";
import { paths } from "../../_lib/paths";
import { Confirm } from "../confirm";
import { Button } from "../ui/button";
import { Card, CardHeader } from "../ui/card";
import { Field } from "../ui/field";
import { Input } from "../ui/input";

/** At the end of a model's page. */
export function DeleteModel({ model }: { model: Model }) {
  const [typed, setTyped] = useState("");
  const router = useRouter();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...deleteModelMutation(),
    meta: { showsErrors: true },
    onSuccess: async () => {
      router.push(paths.models);
      await queryClient.invalidateQueries({ queryKey: listModelsQueryKey() });
    },
  });

  const confirm = (
    <Confirm
      trigger={
        <Button variant="destructive" size="sm" onClick={() => setTyped("")}>
          <Trash2Icon /> Delete
        </Button>
      }
      title={`Delete ${model.name}`}
      description={`This deletes ${plural(model.versions, "version")}, all jobs and all predictions of the model, and ends its server. It cannot be undone.`}
      action="Delete the model"
      mutation={remove}
      onConfirm={() => remove.mutateAsync({ path: { name: model.name } })}
      isBlocked={typed !== model.name}
      isDestructive
    >
      <Field label={`Type ${model.name} to confirm`}>
        {(control) => (
          <Input
            {...control}
            value={typed}
            onChange={(event) => setTyped(event.target.value.trim())}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
      </Field>
    </Confirm>
  );

  return (
    <Card>
      <CardHeader
        title="Delete this model"
        description="With its versions, jobs and predictions. Data sets stay."
        actions={confirm}
      />
    </Card>
  );
}
