"use client";

import { ImageUpIcon } from "lucide-react";
import { type DragEvent, useState } from "react";
import { cn } from "../../_lib/cn";
import { bytes } from "../../_lib/format";
import {
  faultOfFile,
  maxBytesOf,
  pictureOf,
  pictureProperty,
  readPicture,
  typesOf,
} from "../../_lib/inputs-image";
import type { Property } from "../../_lib/inputs-schema";
import { sentenceOf } from "../../_lib/problems";
import { Field } from "../ui/field";
import { Picture } from "./picture";
import { faultIn, Label } from "./property-field";
import { PropertyGrid } from "./property-grid";
import type { InputProps } from "./registry";

/** A picture from the disk or a camera, and what else the model wants to know about it. */
export function ImageInput({ properties, ...form }: InputProps) {
  const [refusal, setRefusal] = useState("");
  const [isOver, setOver] = useState(false);
  const picture = pictureProperty(properties);
  if (!picture) return <PropertyGrid {...form} properties={properties} />;
  const shown = pictureOf(form.drafts[picture.name]);
  const others = properties.filter((property) => property !== picture);

  async function choose(property: Property, file: File | undefined) {
    if (!file) return;
    const fault = faultOfFile(file, property);
    setRefusal(fault ?? "");
    if (fault) return;
    try {
      form.onChange(property.name, await readPicture(file, property));
    } catch (error) {
      setRefusal(sentenceOf(error));
    }
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    if (picture) void choose(picture, event.dataTransfer.files[0]);
  }

  return (
    <>
      <Field
        label={<Label title={picture.title} isOptional={!picture.isRequired} />}
        hint={[picture.hint, limitsOf(picture)].filter(Boolean).join(" ")}
        error={refusal || faultIn(form.faults, picture.name)}
      >
        {(control) => (
          <div
            className="relative"
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
          >
            <input
              {...control}
              type="file"
              accept={typesOf(picture)}
              onChange={(event) => {
                void choose(picture, event.target.files?.[0]);
                event.target.value = ""; // the same file can be chosen again
              }}
              className="peer sr-only"
            />
            <label
              htmlFor={control.id}
              className={cn(
                "grid min-h-40 cursor-pointer place-items-center gap-2 rounded-lg border border-dashed border-input bg-card p-4 text-center text-sm text-muted-foreground transition-colors peer-focus-visible:border-ring peer-focus-visible:ring-[3px] peer-focus-visible:ring-ring/40 peer-aria-invalid:border-destructive hover:bg-accent/50",
                isOver && "border-primary bg-accent",
              )}
            >
              {shown ? (
                <Picture source={shown} label="The chosen picture" className="max-h-64" />
              ) : (
                <ImageUpIcon aria-hidden className="size-6" />
              )}
              {shown ? "Choose or drop another one" : "Choose a picture, or drop one here"}
            </label>
          </div>
        )}
      </Field>
      <PropertyGrid {...form} properties={others} />
    </>
  );
}

function limitsOf(property: Property): string {
  const types = typesOf(property);
  const max = maxBytesOf(property);
  const names = types === "image/*" ? "" : `${types.replaceAll("image/", "").toUpperCase()}. `;
  return `${names}${max ? `Up to ${bytes(max)}.` : ""}`;
}
