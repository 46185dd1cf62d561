"use client";

import type { FormEvent } from "react";
import { sentenceOf } from "../../_lib/problems";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Input } from "../ui/input";

type Props = {
  name?: string;
  submitTitle: string;
  saving: { isPending: boolean; error: unknown };
  onSubmit: (name: string) => void;
  onCancel: () => void;
};

/** What a data set is called. */
export function NameForm({ name, submitTitle, saving, onSubmit, onCancel }: Props) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onSubmit(String(new FormData(event.currentTarget).get("name")).trim());
  }

  return (
    <form onSubmit={submit} className="grid gap-5">
      <Field label="Name" error={saving.error ? sentenceOf(saving.error) : null}>
        {(control) => (
          <Input
            {...control}
            name="name"
            defaultValue={name}
            placeholder="Trade statements"
            maxLength={200}
            required
            autoFocus
          />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <Button variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" pending={saving.isPending}>
          {submitTitle}
        </Button>
      </div>
    </form>
  );
}
