"use client";

import { ImageUpIcon } from "lucide-react";
import { useState } from "react";
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
import { FileDrop } from "../ui/file-drop";
import { Picture } from "./picture";
import { faultIn, Label } from "./property-field";
import { PropertyGrid } from "./property-grid";
import type { InputProps } from "./registry";

/** A picture from the disk or a camera, and what else the model wants to know about it. */
export function ImageInput({ properties, ...form }: InputProps) {
  const [refusal, setRefusal] = useState("");
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

  return (
    <>
      <Field
        label={<Label title={picture.title} isOptional={!picture.isRequired} />}
        hint={[picture.hint, limitsOf(picture)].filter(Boolean).join(" ")}
        error={refusal || faultIn(form.faults, picture.name)}
      >
        {(control) => (
          <FileDrop
            control={control}
            accept={typesOf(picture)}
            onChoose={(file) => void choose(picture, file)}
            className="grid min-h-40 place-items-center gap-2 text-center text-muted-foreground"
          >
            {shown ? (
              <Picture source={shown} label="The chosen picture" className="max-h-64" />
            ) : (
              <ImageUpIcon aria-hidden className="size-6" />
            )}
            {shown ? "Choose or drop another one" : "Choose a picture, or drop one here"}
          </FileDrop>
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
