"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useMemo, useState } from "react";
import type { ModelDetail } from "../../_api";
import { bytes, share as percent } from "../../_lib/format";
import { newKey } from "../../_lib/idempotency";
import { propertiesOf } from "../../_lib/inputs-schema";
import { paths } from "../../_lib/paths";
import { useBatch } from "../../_lib/predict-batch";
import {
  guessMapping,
  type Head,
  type Mapping,
  missingIn,
  readHead,
} from "../../_lib/predict-file";
import { sentenceOf } from "../../_lib/problems";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Card } from "../ui/card";
import { Progress } from "../ui/progress";
import { BatchFile } from "./batch-file";
import { ColumnFields } from "./column-fields";
import { FilePreview } from "./file-preview";

type Props = { model: ModelDetail; choice: ReactNode };
type Chosen = { file: File; head: Head };

/** A file, which of its columns the model is given, and the start. */
export function BatchForm({ model, choice }: Props) {
  const router = useRouter();
  const properties = useMemo(() => propertiesOf(model.input ?? {}), [model.input]);
  const [chosen, setChosen] = useState<Chosen>();
  const [mapping, setMapping] = useState<Mapping>({});
  const [key, setKey] = useState("");
  const [isAsked, setAsked] = useState(false);
  const [refusal, setRefusal] = useState("");
  const batch = useBatch(model.name, (job) => router.push(paths.job(job)));
  const missing = missingIn(mapping, properties);

  /** Another file or mapping is another job; the same one again is not. */
  function take(mapping: Mapping) {
    setMapping(mapping);
    setKey(newKey());
    setAsked(false);
    batch.reset();
  }

  async function choose(file: File | undefined) {
    if (!file) return;
    setRefusal("");
    try {
      const head = await readHead(file);
      setChosen({ file, head });
      take(guessMapping(properties, namesOf(head)));
    } catch (error) {
      setChosen(undefined);
      setRefusal(sentenceOf(error));
    }
  }

  function start() {
    setAsked(true);
    if (chosen && !missing.length) batch.start({ file: chosen.file, mapping, key });
  }

  return (
    <Card className="grid min-w-0 gap-5 p-5">
      <div className="max-w-md">{choice}</div>
      <BatchFile file={chosen?.file} error={refusal} onChoose={choose} />
      {chosen && (
        <>
          <ColumnFields
            properties={properties}
            columns={namesOf(chosen.head)}
            mapping={mapping}
            missing={isAsked ? missing : []}
            onChange={take}
          />
          <FilePreview head={chosen.head} used={Object.values(mapping)} />
          {batch.error && (
            <Alert variant="error" title="The batch could not be started">
              {sentenceOf(batch.error)}
            </Alert>
          )}
          {batch.isPending && (
            <div className="grid gap-2">
              <Progress label="Upload" value={batch.share} />
              <p className="text-sm text-muted-foreground tabular-nums">
                {batch.share < 1
                  ? `${percent(batch.share)} of ${bytes(chosen.file.size)} is sent.`
                  : "All of it is sent. The rows are looked through."}
              </p>
            </div>
          )}
          <div className="flex flex-wrap gap-2">
            <Button pending={batch.isPending} onClick={start}>
              Predict all rows
            </Button>
            {batch.isPending && (
              <Button variant="ghost" onClick={batch.cancel}>
                Cancel
              </Button>
            )}
          </div>
        </>
      )}
    </Card>
  );
}

const namesOf = (head: Head) => head.columns.filter(Boolean);
