import { RocketIcon } from "lucide-react";
import Link from "next/link";
import type { VersionDetail } from "../../_api";
import { plural } from "../../_lib/format";
import { factsOf, textsOf } from "../../_lib/models-manifest";
import { paths } from "../../_lib/paths";
import { Button } from "../ui/button";
import { Card, CardContent, CardHeader } from "../ui/card";
import { DatasetLink } from "./dataset-link";
import { Facts } from "./facts";

/** What a version has learnt from. */
export function VersionData({
  version: { manifest, dataset, dataset_version_id },
}: {
  version: VersionDetail;
}) {
  const labels = textsOf(manifest.labels);
  const again = dataset && dataset_version_id && (
    <Button asChild size="sm" variant="outline">
      <Link href={paths.trainOn(dataset_version_id)}>
        <RocketIcon /> Train on this data
      </Link>
    </Button>
  );
  return (
    <Card>
      <CardHeader title="Data" description={<DatasetLink dataset={dataset} />} actions={again} />
      <CardContent className="grid gap-4 text-sm">
        <Facts facts={factsOf(manifest.data)} />
        {labels.length > 0 && (
          <details>
            <summary className="cursor-pointer font-medium">
              {plural(labels.length, "label")}
            </summary>
            <p className="mt-2 text-muted-foreground">{labels.join(", ")}</p>
          </details>
        )}
        {textsOf(manifest.notes).map((note) => (
          <p key={note} className="border-l-2 pl-3 text-muted-foreground">
            {note}
          </p>
        ))}
      </CardContent>
    </Card>
  );
}
