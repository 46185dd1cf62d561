"use client";

import { XIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { DatasetPublic, DatasetVersion } from "../../_api";
import { sources } from "../../_lib/datasets";
import { Button } from "../ui/button";
import { Card, CardContent, CardHeader } from "../ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs";
import { CorrectionsSource } from "./corrections-source";
import { FileSource } from "./file-source";
import { HubSource, TableSource, UrlSource } from "./named-sources";

/** What every form of a source is given; `onAdded` shows the version that came of it. */
export type SourceProps = { dataset: string; onAdded: (number: number) => void };

const forms: { source: DatasetVersion["source"]; Form: (props: SourceProps) => ReactNode }[] = [
  { source: "upload", Form: FileSource },
  { source: "url", Form: UrlSource },
  { source: "hub", Form: HubSource },
  { source: "table", Form: TableSource },
  { source: "corrections", Form: CorrectionsSource },
];

type Props = {
  dataset: DatasetPublic;
  onAdded: (number: number) => void;
  /** Absent where there is nothing else to see. */
  onClose?: () => void;
};

export function AddData({ dataset, onAdded, onClose }: Props) {
  return (
    <Card>
      <CardHeader
        title="Add data"
        description={
          onClose
            ? "It becomes the newest version. The older ones stay, and what was trained on them."
            : "A row for each example, with a column that says what the model shall learn."
        }
        actions={
          onClose && (
            <Button
              variant="ghost"
              size="icon"
              className="-mr-2 size-8"
              aria-label="Close"
              onClick={onClose}
            >
              <XIcon />
            </Button>
          )
        }
      />
      <CardContent>
        <Tabs defaultValue="upload">
          <TabsList aria-label="Where the data comes from">
            {forms.map(({ source }) => (
              <TabsTrigger key={source} value={source}>
                {sources[source]}
              </TabsTrigger>
            ))}
          </TabsList>
          {forms.map(({ source, Form }) => (
            <TabsContent
              key={source}
              value={source}
              forceMount
              className="data-[state=inactive]:hidden"
            >
              <Form dataset={dataset.id} onAdded={onAdded} />
            </TabsContent>
          ))}
        </Tabs>
      </CardContent>
    </Card>
  );
}
