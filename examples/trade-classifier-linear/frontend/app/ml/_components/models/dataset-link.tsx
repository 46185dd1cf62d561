import Link from "next/link";
import type { Version } from "../../_api";
import { paths } from "../../_lib/paths";

/** What a version has learnt from, as long as it is there. */
export function DatasetLink({ dataset }: Pick<Version, "dataset">) {
  if (!dataset) return "deleted";
  return (
    <Link className="underline-offset-4 hover:underline" href={paths.datasetVersion(dataset)}>
      {dataset.name}, version {dataset.version}
    </Link>
  );
}
