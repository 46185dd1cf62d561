import { FileSpreadsheetIcon, RocketIcon, SparklesIcon } from "lucide-react";
import Link from "next/link";
import type { Model } from "../../_api";
import { trainAgain } from "../../_lib/models";
import { paths } from "../../_lib/paths";
import { Button } from "../ui/button";

/** What can be done with a model; only one in production answers. */
export function ModelActions({ model: { name, production, versions } }: { model: Model }) {
  const answers = production !== null;
  if (versions === 0) return null; // the page itself says how to come to one
  return (
    <>
      <Button asChild variant={answers ? "outline" : "default"}>
        <Link href={trainAgain(name)}>
          <RocketIcon /> Train again
        </Link>
      </Button>
      {answers && (
        <>
          <Button asChild variant="outline">
            <Link href={paths.batch(name)}>
              <FileSpreadsheetIcon /> Batch
            </Link>
          </Button>
          <Button asChild>
            <Link href={paths.predictWith(name)}>
              <SparklesIcon /> Predict
            </Link>
          </Button>
        </>
      )}
    </>
  );
}
