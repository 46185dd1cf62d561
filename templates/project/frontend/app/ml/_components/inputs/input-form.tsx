"use client";

import {
  createElement,
  type FormEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type Draft, type Drafts, draftsOf, type Faults, readInput } from "../../_lib/inputs-read";
import { propertiesOf, type Schema } from "../../_lib/inputs-schema";
import { isObject } from "../../_lib/objects";
import { Button } from "../ui/button";
import { inputFor } from "./registry";

type Props = {
  schema: Schema;
  isPending?: boolean;
  /** What else is asked, between the fields and the button. */
  children?: ReactNode;
  /** Answers which fields the server refuses. */
  onSubmit: (value: Record<string, unknown>) => Promise<Faults>;
};

/** Asks for a model's input: the fields come from its JSON schema. */
export function InputForm({ schema, isPending, children, onSubmit }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const properties = useMemo(() => propertiesOf(schema), [schema]);
  const [drafts, setDrafts] = useState<Drafts>({});
  const [faults, setFaults] = useState<Faults>({});
  const [examplesSeen, setExamplesSeen] = useState(0);
  const examples = Array.isArray(schema.examples) ? schema.examples.filter(isObject) : [];

  useEffect(() => {
    if (Object.keys(faults).length)
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [faults]);

  function change(name: string, draft: Draft) {
    setDrafts((drafts) => ({ ...drafts, [name]: draft }));
    if (Object.keys(faults).some((place) => isIn(place, name)))
      setFaults(Object.fromEntries(Object.entries(faults).filter(([place]) => !isIn(place, name))));
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isPending) return;
    const { value, faults } = readInput(properties, drafts);
    setFaults(Object.keys(faults).length ? faults : await onSubmit(value));
  }

  function showExample() {
    const example = examples[examplesSeen % examples.length];
    if (example) setDrafts(draftsOf(properties, example));
    setFaults({});
    setExamplesSeen(examplesSeen + 1);
  }

  return (
    <form ref={form} noValidate onSubmit={submit} onKeyDown={submitByKey} className="grid gap-5">
      {createElement(inputFor(schema), { schema, properties, drafts, faults, onChange: change })}
      {children}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" pending={isPending}>
          Predict
        </Button>
        {examples.length > 0 && (
          <Button variant="ghost" onClick={showExample}>
            {examplesSeen && examples.length > 1 ? "Try another example" : "Try an example"}
          </Button>
        )}
      </div>
    </form>
  );
}

/** Enter alone is a new line in a text. */
function submitByKey(event: KeyboardEvent<HTMLFormElement>) {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

const isIn = (place: string, name: string) => place === name || place.startsWith(`${name}.`);
