"use client";

import { useQuery } from "@tanstack/react-query";
import { listModelsOptions } from "../../_api/@tanstack/react-query.gen";
import { type Filter, filterOf } from "../../_lib/predict-history";
import { Select } from "../ui/select";

const MOST = 100; // on a page of the API

type Props = { filter: Filter; onChange: (changed: Partial<Filter>) => void };

export function HistoryFilter({ filter, onChange }: Props) {
  const { data } = useQuery(listModelsOptions({ query: { limit: MOST } }));
  const listed = data?.items.map(({ name }) => name) ?? [];
  const names = filter.model && !listed.includes(filter.model) ? [filter.model, ...listed] : listed;
  /** Reads a choice as it is read from the address. */
  const read = (name: string, chosen: string) =>
    filterOf({ get: (asked) => (asked === name ? chosen : null) });

  return (
    <div className="mb-4 grid grid-cols-2 gap-3 sm:flex">
      <Select
        aria-label="Model"
        className="sm:w-52"
        value={filter.model ?? ""}
        onChange={(event) => onChange({ model: event.target.value || null })}
      >
        <option value="">All models</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
      {filter.show === "predictions" ? (
        <Select
          aria-label="Who answered"
          className="sm:w-52"
          value={filter.source ?? ""}
          onChange={(event) => onChange({ source: read("source", event.target.value).source })}
        >
          <option value="">Models and fallbacks</option>
          <option value="model">Own models</option>
          <option value="fallback">Fallbacks</option>
        </Select>
      ) : (
        <Select
          aria-label="Use"
          className="sm:w-52"
          value={filter.isUsed === null ? "" : filter.isUsed ? "yes" : "no"}
          onChange={(event) => onChange({ isUsed: read("used", event.target.value).isUsed })}
        >
          <option value="">Used and not yet used</option>
          <option value="no">Not yet in a data set</option>
          <option value="yes">In a data set</option>
        </Select>
      )}
    </div>
  );
}
