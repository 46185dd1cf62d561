"use client";

import { filterOf, type Filter, kinds, pathOf, statuses } from "../../_lib/jobs";
import { Select } from "../ui/select";

/** It is in the address, so that it can be kept and shared. */
export function JobFilter({ filter }: { filter: Filter }) {
  function choose(name: keyof Filter, chosen: string) {
    const query = new URLSearchParams(window.location.search);
    query.set(name, chosen);
    // No navigation: nothing on the server depends on it, and quick choices must not overtake it.
    window.history.replaceState(null, "", pathOf(filterOf(query)));
  }

  return (
    <div className="mb-4 grid grid-cols-2 gap-3 sm:flex">
      <Select
        aria-label="Kind"
        className="sm:w-44"
        value={filter.kind ?? ""}
        onChange={(event) => choose("kind", event.target.value)}
      >
        <option value="">All kinds</option>
        <Options of={kinds} />
      </Select>
      <Select
        aria-label="Status"
        className="sm:w-44"
        value={filter.status ?? ""}
        onChange={(event) => choose("status", event.target.value)}
      >
        <option value="">Any status</option>
        <Options of={statuses} />
      </Select>
    </div>
  );
}

function Options({ of }: { of: Record<string, string> }) {
  return Object.entries(of).map(([name, title]) => (
    <option key={name} value={name}>
      {title}
    </option>
  ));
}
