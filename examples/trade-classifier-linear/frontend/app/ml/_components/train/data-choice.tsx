import type { UseQueryResult } from "@tanstack/react-query";
import Link from "next/link";
import type { DatasetPublic, DatasetVersion, PageDatasetVersion, Recipe } from "../../_api";
import { count, plural } from "../../_lib/format";
import { paths } from "../../_lib/paths";
import { sentenceOf } from "../../_lib/problems";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Card, CardContent, CardHeader } from "../ui/card";
import { Field } from "../ui/field";
import { Select } from "../ui/select";
import type { Draft } from "./draft";
import type { Change } from "./use-draft";

type Props = {
  datasets: DatasetPublic[];
  versions: UseQueryResult<PageDatasetVersion, unknown>;
  draft: Draft;
  version?: DatasetVersion;
  recipe?: Recipe;
  fault?: string;
  isMissing: boolean;
  onChange: Change;
};

const states: Record<DatasetVersion["status"], string> = {
  valid: "checked",
  unchecked: "not checked",
  invalid: "has errors",
};

export function DataChoice(props: Props) {
  const { datasets, versions, draft, version, recipe, fault, isMissing, onChange } = props;
  const { data, error, isLoading } = versions;

  return (
    <Card>
      <CardHeader title="Data" description="What the model learns from." />
      <CardContent className="grid gap-4">
        {isMissing && !draft.dataset && (
          <Alert variant="warning">
            The data that the link names is not there any more. Choose other data.
          </Alert>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Data set" error={draft.dataset ? undefined : fault}>
            {(control) => (
              <Select
                {...control}
                value={draft.dataset}
                onChange={(event) => onChange({ dataset: event.target.value })}
              >
                <option value="">Choose a data set</option>
                {datasets.map((dataset) => (
                  <option
                    key={dataset.id}
                    value={dataset.id}
                    disabled={dataset.newest_version === null}
                  >
                    {dataset.name}
                    {dataset.newest_version === null && " (empty)"}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field
            label="Version"
            error={error ? sentenceOf(error) : draft.dataset ? fault : undefined}
          >
            {(control) => (
              <Select
                {...control}
                disabled={!data}
                value={draft.version}
                onChange={(event) => onChange({ version: event.target.value })}
              >
                {!version && <option value="">{isLoading ? "Loading" : "–"}</option>}
                {data?.items.map((version) => (
                  <option key={version.id} value={version.id}>
                    {titleOf(version)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        {version && <VersionNotice version={version} recipe={recipe} />}
      </CardContent>
    </Card>
  );
}

function VersionNotice({ version, recipe }: { version: DatasetVersion; recipe?: Recipe }) {
  const link = (title: string) => (
    <Button asChild size="sm" variant="outline">
      <Link href={paths.dataset(version.dataset_id)}>{title}</Link>
    </Button>
  );
  if (version.status === "invalid")
    return (
      <Alert
        variant="error"
        title={`This version has ${plural(version.problem_count, "problem")}`}
        actions={link("See the problems")}
      >
        A training does not start on it. Mend the data in a new version, or choose another one.
      </Alert>
    );
  if (version.status === "unchecked")
    return (
      <Alert
        variant="warning"
        title="This version was not checked"
        actions={link("Check it first")}
      >
        A training on it can fail after it has started, at the first row that is wrong.
      </Alert>
    );
  if (recipe && version.recipe && version.recipe !== recipe.name)
    return (
      <Alert actions={link("Check it again")}>
        It was checked for {version.recipe}, not for {recipe.name}.
      </Alert>
    );
  return null;
}

function titleOf(version: DatasetVersion): string {
  const rows = version.row_count === null ? "" : `, ${count(version.row_count)} rows`;
  return `Version ${version.number}${rows}, ${states[version.status]}`;
}
