import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { InputForm } from "../app/ml/_components/inputs/input-form";

const schema = {
  type: "object",
  kind: "series",
  required: ["history", "horizon"],
  $defs: {
    Observation: {
      type: "object",
      required: ["timestamp", "value"],
      properties: {
        timestamp: { type: "string", format: "date-time", title: "Timestamp" },
        value: { type: "number", title: "Value" },
      },
    },
  },
  examples: [
    {
      history: [
        { timestamp: "2026-01-01", value: 3 },
        { timestamp: "2026-01-02", value: 4.5 },
      ],
      horizon: 7,
    },
  ],
  properties: {
    history: { type: "array", items: { $ref: "#/$defs/Observation" }, minItems: 2, maxItems: 1000 },
    horizon: { type: "integer", minimum: 1, maximum: 365 },
  },
};

function open(given: Record<string, unknown> = schema) {
  const submit = vi.fn(async () => ({}));
  render(<InputForm schema={given} onSubmit={submit} />);
  return { submit, user: userEvent.setup() };
}

const cell = (name: string) => screen.getByRole<HTMLInputElement>("textbox", { name });
const button = (name: string) => screen.getByRole("button", { name });
const pasteField = () => screen.getByRole("textbox", { name: /^Paste/ });

async function paste(user: ReturnType<typeof userEvent.setup>, text: string) {
  await user.click(pasteField());
  await user.paste(text);
}

test("a spreadsheet's columns are found by their names", async () => {
  const { submit, user } = open();
  await paste(user, "Value\tNote\tTimestamp\n3,5\tcold\t2026-01-01\n4\t\t2026-01-02 12:30\n");
  expect(screen.getByText("2 points added.")).toBeTruthy();
  expect(screen.getByRole("img", { name: "2 values from 3.5 to 4" })).toBeTruthy();
  await user.type(cell("Horizon"), "14");
  await user.click(button("Predict"));
  expect(submit).toHaveBeenCalledExactlyOnceWith({
    history: [
      { timestamp: "2026-01-01", value: 3.5 },
      { timestamp: "2026-01-02 12:30", value: 4 },
    ],
    horizon: 14,
  });
});

test("columns without names, or with others, are taken in their order", async () => {
  const { submit, user } = open();
  await paste(user, "2026-01-01,3\n2026-01-02,4");
  await paste(user, "day;sold\n2026-01-03;5");
  await user.type(cell("Horizon"), "1");
  await user.click(button("Predict"));
  expect(submit).toHaveBeenCalledExactlyOnceWith({
    history: [
      { timestamp: "2026-01-01", value: 3 },
      { timestamp: "2026-01-02", value: 4 },
      { timestamp: "2026-01-03", value: 5 },
    ],
    horizon: 1,
  });
});

test("points are added, changed and removed by hand", async () => {
  const { submit, user } = open();
  await user.click(button("Try an example"));
  await user.click(button("Add a point"));
  await user.type(cell("Timestamp of point 3"), "2026-01-03T08:00:00Z");
  await user.type(cell("Value of point 3"), "-1e2");
  await user.click(button("Remove point 1"));
  await user.click(button("Add a point"));
  await user.click(button("Predict"));
  expect(submit).toHaveBeenCalledExactlyOnceWith({
    history: [
      { timestamp: "2026-01-02", value: 4.5 },
      { timestamp: "2026-01-03T08:00:00Z", value: -100 },
    ],
    horizon: 7,
  });
});

test("what is wrong with a point is said at its cell", async () => {
  const { submit, user } = open();
  await paste(user, "timestamp,value\n31.01.2026,3\n2026-02-31,4\n2026-02-01,\n2026-02-02,much");
  await user.click(button("Predict"));
  expect(submit).not.toHaveBeenCalled();
  const said = within(screen.getByRole("table"))
    .getAllByRole("alert")
    .map((alert) => alert.textContent);
  expect(said).toEqual([
    "Write a date, such as 2026-01-31 or 2026-01-31T14:30.",
    "Write a date, such as 2026-01-31 or 2026-01-31T14:30.",
    "Fill this in.",
    "Write a number, such as 3.5.",
  ]);
  expect(document.activeElement).toBe(cell("Timestamp of point 1"));
});

test("too few points, or none, are said where they are pasted", async () => {
  const { submit, user } = open();
  await user.type(cell("Horizon"), "400");
  await user.click(button("Predict"));
  expect(screen.getAllByRole("alert").map((alert) => alert.textContent)).toEqual([
    "Fill this in.",
    "Write at most 365.",
  ]);
  await paste(user, "2026-01-01,3");
  await user.click(button("Predict"));
  expect(screen.getByText("At least 2 are needed; these are 1.")).toBeTruthy();
  expect(submit).not.toHaveBeenCalled();
});

test("a series of plain numbers has one column", async () => {
  const { submit, user } = open({
    kind: "series",
    required: ["values"],
    properties: { values: { type: "array", items: { type: "number" } } },
  });
  await paste(user, "demand\n1\n2.5\n\n3");
  await user.click(button("Predict"));
  expect(submit).toHaveBeenCalledExactlyOnceWith({ values: [1, 2.5, 3] });
});
