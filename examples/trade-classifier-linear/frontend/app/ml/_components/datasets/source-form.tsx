"use client";

import type { FormEvent, ReactNode } from "react";
import { errorAt } from "../../_lib/datasets-faults";
import { type Source, useAddVersion } from "../../_lib/datasets-sources";
import { Button } from "../ui/button";
import type { SourceProps } from "./add-data";

type Props = SourceProps & {
  /** Names of the fields as the API has them; the first is the one that the source is named by. */
  fields: string[];
  bodyOf: (text: (field: string) => string) => Source;
  children: (errorOf: (field: string) => string | null) => ReactNode;
};

/** A source that the server fetches by itself, with what was wrong at its field. */
export function SourceForm({ dataset, onAdded, fields, bodyOf, children }: Props) {
  const add = useAddVersion(dataset, onAdded);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    add.start(bodyOf((field) => String(form.get(field) ?? "").trim()));
  }

  return (
    <form onSubmit={submit} className="grid max-w-xl gap-4">
      {children((field) => errorAt(add.error, field, fields))}
      <Button type="submit" pending={add.isPending} className="w-fit">
        {add.isPending ? "Reading" : "Add data"}
      </Button>
    </form>
  );
}
