"use client";

import { namesIn } from "../../_lib/datasets-sources";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import type { SourceProps } from "./add-data";
import { SourceForm } from "./source-form";

const MOST_ROWS = 1_000_000;
const USUAL_ROWS = 100_000;

export function UrlSource(props: SourceProps) {
  return (
    <SourceForm {...props} fields={["url"]} bodyOf={(text) => ({ url: text("url") })}>
      {(errorOf) => (
        <Field
          label="Address of a public file"
          hint="The server reads it once. A file that changes later is added as another version."
          error={errorOf("url")}
        >
          {(control) => (
            <Input
              {...control}
              name="url"
              type="url"
              placeholder="https://example.com/statements.csv"
              maxLength={2000}
              required
            />
          )}
        </Field>
      )}
    </SourceForm>
  );
}

export function HubSource(props: SourceProps) {
  return (
    <SourceForm {...props} fields={["hub"]} bodyOf={(text) => ({ hub: text("hub") })}>
      {(errorOf) => (
        <Field
          label="Data set on Hugging Face"
          hint="As owner/name, owner/name:split or owner/name:configuration:split. Only the name is kept; the check and the training read the rows."
          error={errorOf("hub")}
        >
          {(control) => (
            <Input
              {...control}
              name="hub"
              placeholder="stanfordnlp/imdb:test"
              pattern="[\w.\-]+\/[\w.\-]+(:[\w.\-]+){0,2}"
              title="owner/name, owner/name:split or owner/name:configuration:split"
              maxLength={200}
              autoCapitalize="off"
              spellCheck={false}
              required
            />
          )}
        </Field>
      )}
    </SourceForm>
  );
}

export function TableSource(props: SourceProps) {
  return (
    <SourceForm
      {...props}
      fields={["table", "columns", "limit"]}
      bodyOf={(text) => ({
        table: text("table"),
        columns: namesIn(text("columns")),
        limit: Number(text("limit")),
      })}
    >
      {(errorOf) => (
        <>
          <Field
            label="Table or view"
            hint="Of the schema public. You get the rows that you may read."
            error={errorOf("table")}
          >
            {(control) => (
              <Input {...control} name="table" maxLength={200} spellCheck={false} required />
            )}
          </Field>
          <div className="grid gap-4 sm:grid-cols-[1fr_10rem]">
            <Field
              label="Columns"
              hint="With commas between. All of them, if left empty."
              error={errorOf("columns")}
            >
              {(control) => <Input {...control} name="columns" spellCheck={false} />}
            </Field>
            <Field label="Rows at the most" error={errorOf("limit")}>
              {(control) => (
                <Input
                  {...control}
                  name="limit"
                  type="number"
                  min={1}
                  max={MOST_ROWS}
                  defaultValue={USUAL_ROWS}
                  required
                />
              )}
            </Field>
          </div>
        </>
      )}
    </SourceForm>
  );
}
