"use client";

import { type FormEvent, useState } from "react";
import type { ModelDetail } from "../../_api";
import {
  type Correctable,
  correctableFields,
  readCorrection,
  startOf,
} from "../../_lib/predict-correction";
import type { Draft, Faults } from "../../_lib/inputs-read";
import { sentenceOf } from "../../_lib/problems";
import { PropertyGrid } from "../inputs/property-grid";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Textarea } from "../ui/input";
import { CorrectionsPlace } from "./corrections-place";
import { useCorrection } from "./use-correction";

const LONGEST_NOTE = 2000;

type Props = { prediction: Correctable; model: ModelDetail; onDone: () => void };

/** What would have been right, by the schema of the model's output. */
export function CorrectionForm({ prediction, model, onDone }: Props) {
  const fields = correctableFields(model.output ?? {}, prediction.output, model.labels);
  const [drafts, setDrafts] = useState(() => startOf(fields, prediction));
  const [note, setNote] = useState(prediction.correction?.note ?? "");
  const [faults, setFaults] = useState<Faults>({});
  const { save, takeBack } = useCorrection(prediction, onDone);
  const error = save.error ?? takeBack.error;

  function change(name: string, draft: Draft) {
    setDrafts({ ...drafts, [name]: draft });
    setFaults({});
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const { value, faults } = readCorrection(fields, drafts, prediction.output);
    const [first] = fields;
    const isSame = !Object.keys(faults).length && !Object.keys(value).length;
    if (isSame && first) faults[first.name] = "This is what the model said: change what is wrong.";
    setFaults(faults);
    if (!Object.keys(faults).length) save.mutate({ output: value, note: note.trim() });
  }

  return (
    <form noValidate onSubmit={submit} className="grid gap-5">
      <PropertyGrid properties={fields} drafts={drafts} faults={faults} onChange={change} />
      <Field label="Note" hint="Why, for whoever looks at it later. You can leave it out.">
        {(control) => (
          <Textarea
            {...control}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            maxLength={LONGEST_NOTE}
            className="min-h-16"
          />
        )}
      </Field>
      <p className="text-xs/relaxed text-muted-foreground">
        <CorrectionsPlace /> The model learns it with its next training.
      </p>
      {error && <Alert variant="error">{sentenceOf(error)}</Alert>}
      <div className="flex flex-wrap justify-end gap-2">
        {prediction.correction && (
          <Button
            variant="destructive"
            className="mr-auto"
            pending={takeBack.isPending}
            onClick={() => takeBack.mutate()}
          >
            Take it back
          </Button>
        )}
        <Button variant="ghost" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" pending={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
